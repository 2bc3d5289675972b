// Ties the shapes of a map to the rows of the table below it: a row that is pointed at or holds the
// focus lights its shape. A shape names its row (properties.row is the row's id).
(() => {
  "use strict";

  const LIT_WEIGHT = 6;
  const shapes = new Map();

  for (const { map } of Orbitrage.maps.values()) {
    map.eachLayer((layer) => {
      if (layer.feature?.properties.row) shapes.set(layer.feature.properties.row, layer);
    });
  }

  function light(shape, isLit) {
    const { weight } = Orbitrage.roles[shape.feature.properties.role];
    shape.setStyle({ weight: isLit ? LIT_WEIGHT : weight });
    if (isLit) shape.bringToFront();
    shape.speck?.getElement()?.classList.toggle("map-mark--lit", isLit);
  }

  for (const [id, shape] of shapes) {
    const row = document.getElementById(id);
    for (const event of ["mouseenter", "focusin"]) row?.addEventListener(event, () => light(shape, true));
    for (const event of ["mouseleave", "focusout"]) row?.addEventListener(event, () => light(shape, false));
  }
})();
