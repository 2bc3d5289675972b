// Run in a page: every text a reader meets, of elements and of the attributes that are read out.
() => {
  const found = new Set();
  const add = (text) => found.add(text.trim().replace(/\s+/g, " "));
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!node.parentElement.closest("script, style, code, pre, [lang]:not(html), .leaflet-container")) add(node.data);
  }
  for (const attribute of ["aria-label", "placeholder", "alt", "title", "data-label"]) {
    for (const element of document.querySelectorAll(`[${attribute}]`)) add(element.getAttribute(attribute));
  }
  add(document.title.replace(" · Orbitrage", ""));
  found.delete("");
  return [...found];
}
