(proof) => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([proof], { type: "text/html" }));
  link.download = "footnote-proof.html";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
