(content, name) => {
  if (!name) return;
  const type = name.endsWith(".json") ? "application/json" : "text/html";
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
