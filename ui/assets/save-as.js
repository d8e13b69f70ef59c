(content, name) => {
  if (!name) return;
  const types = { json: "application/json", md: "text/markdown" };
  const type = types[name.split(".").pop()] ?? "text/html";
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
