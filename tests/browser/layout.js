// Run in a page: what an eye would find wrong with its layout, as a list of sentences.
() => {
  const found = [];
  const name = (element) => {
    const text = (element.innerText || element.value || "").trim().replace(/\s+/g, " ").slice(0, 50);
    return `<${element.tagName.toLowerCase()} class="${element.getAttribute("class") || ""}"> ${text}`;
  };
  const isShown = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const isHiddenFromEyes = (element) => element.closest(".visually-hidden, .skip-link, .leaflet-container, svg");
  const scrolls = (element) => ["auto", "scroll"].includes(getComputedStyle(element).overflowX);

  const rightOfWords = (element) => {
    const words = [...element.childNodes].filter((node) => node.nodeType === 3 && node.data.trim());
    return Math.max(...words.map((node) => {
      const range = document.createRange();
      range.selectNodeContents(node);
      return range.getBoundingClientRect().right;
    }));
  };

  // 1. The page moves sideways.
  const root = document.documentElement;
  if (root.scrollWidth > window.innerWidth) {
    found.push(`scrolls sideways: ${root.scrollWidth} px in ${window.innerWidth}`);
  }

  // 2. Text is cut by its own box, or leaves the box around it.
  for (const element of document.body.querySelectorAll("*")) {
    const holdsText = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!holdsText || !isShown(element) || isHiddenFromEyes(element)) continue;
    if (["OPTION", "TEXTAREA", "SELECT", "SCRIPT", "STYLE"].includes(element.tagName)) continue;
    const style = getComputedStyle(element);
    const isCut = ["hidden", "clip"].includes(style.overflowX) && element.scrollWidth > element.clientWidth + 1;
    // The menu shortens the name of whoever is signed in; its panel has it whole.
    if (isCut && !element.closest(".menu > summary")) found.push(`text cut: ${name(element)}`);
    const right = rightOfWords(element);
    for (let box = element; box && box !== document.body; box = box.parentElement) {
      if (scrolls(box)) break;
      const { borderRightWidth, backgroundColor, display } = getComputedStyle(box);
      const isBox = display !== "inline"
        && (parseFloat(borderRightWidth) > 0 || backgroundColor !== "rgba(0, 0, 0, 0)");
      if (isBox && right > box.getBoundingClientRect().right + 1 && !isCut && !box.closest(".menu > summary")) {
        found.push(`text leaves its box: ${name(element)}`);
        break;
      }
    }
  }

  // 3. The choice made in a list is cut.
  const pen = document.createElement("canvas").getContext("2d");
  for (const select of document.querySelectorAll("select:not([multiple])")) {
    if (!isShown(select) || !select.selectedOptions.length) continue;
    const style = getComputedStyle(select);
    pen.font = style.font;
    const room = select.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    if (pen.measureText(select.selectedOptions[0].text.trim()).width > room + 1) {
      found.push(`choice cut: ${name(select)} ${select.selectedOptions[0].text.trim()}`);
    }
  }

  // 4. A picture is missing.
  for (const image of document.images) {
    if (!image.complete || !image.naturalWidth) found.push(`picture missing: ${image.src}`);
  }
  return found;
}
