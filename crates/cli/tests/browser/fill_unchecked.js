// Body of a function that fills the fields with these labels in a button's form, bypassing the browser's validation.
const [{ form }, labels, text] = arguments;
form.noValidate = true;
for (const label of labels) {
  const hasLabel = (field) => [...(field.labels ?? [])].some((element) => element.textContent.trim().startsWith(label));
  const field = [...form.elements].find(hasLabel);
  if (!field) throw new Error(`the form has no field ${label}`);
  field.removeAttribute("maxlength");
  if (field.matches("input")) field.type = "text";
  field.value = text;
}
