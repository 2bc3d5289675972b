// Run in a page after each Tab: null when the ring around what has the focus can be seen.
async () => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const place = `${element.tagName.toLowerCase()} ${(element.innerText || element.name || element.id || "").trim().slice(0, 40)}`;
  const style = getComputedStyle(element);
  const hasOutline = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const hasShadow = style.boxShadow !== "none";
  const hasBorder = element.matches("input, select, textarea") && parseFloat(style.borderTopWidth) >= 1 && style.outlineStyle !== "none";
  if (!hasOutline && !hasShadow && !hasBorder) return `no focus ring: ${place}`;
  const isInView = () => {
    const box = element.getBoundingClientRect();
    return box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  };
  if (isInView()) return null;
  // The page may still be scrolling there.
  await new Promise((done) => setTimeout(done, 300));
  return isInView() ? null : `focus out of view: ${place}`;
}
