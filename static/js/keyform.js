// Modify includes read: the matrix shows that as it is ticked.
document.addEventListener("change", (event) => {
  const box = event.target;
  if (!box.matches(".matrix input")) return;
  const [read, modify] = ["read", "modify"].map((half) => box.closest("tr").querySelector(`input[data-half="${half}"]`));
  if (!read || !modify || read.disabled || modify.disabled) return;
  if (box === modify && modify.checked) read.checked = true;
  if (box === read && !read.checked) modify.checked = false;
});
