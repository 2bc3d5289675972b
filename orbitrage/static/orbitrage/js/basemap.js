// The offline base map: land, borders and rivers on a canvas, towns and degrees as labels.
// Fills window.Orbitrage.baseMap, used by map.js.
(() => {
  "use strict";

  const STYLES = {
    "land.geojson": { stroke: true, color: "#6c94a6", weight: 0.8, fillColor: "#fbfbf6", fillOpacity: 1 },
    "rivers.geojson": { color: "#86b0c6", weight: 1, fill: false },
    "borders.geojson": { color: "#8a7f74", weight: 1, dashArray: "6 3 1 3", fill: false },
  };
  const DEGREE_STEPS = [90, 60, 30, 20, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01];
  const LINES_WANTED = 4;
  const LABEL_WIDTH_PX = 110;
  const LABEL_HEIGHT_PX = 22;

  const files = new Map();

  function load(address) {
    if (!files.has(address)) files.set(address, fetch(address).then((answer) => answer.json()));
    return files.get(address);
  }

  function add(map, settings) {
    makePane(map, "base", 150);
    makePane(map, "degrees", 350);
    makePane(map, "places", 450);
    if (settings.tiles.url) {
      L.tileLayer(settings.tiles.url, { attribution: settings.tiles.attribution, maxZoom: 19 }).addTo(map);
    }
    drawShapes(map, settings);
    drawDegrees(map, settings.language);
    if (!settings.tiles.url) drawPlaces(map, settings.files["places.json"]);
  }

  function makePane(map, name, order) {
    const pane = map.createPane(name);
    pane.style.zIndex = order;
    pane.style.pointerEvents = "none";
  }

  async function drawShapes(map, settings) {
    const renderer = L.canvas({ pane: "base", padding: 0.3 });
    const shapes = [];
    for (const [name, style] of Object.entries(STYLES)) {
      shapes.push([await load(settings.files[name]), { ...style, renderer, pane: "base", interactive: false }]);
    }
    const drawn = new Set();
    const drawWorlds = () => {
      for (const shift of worldsIn(map.getBounds())) {
        if (drawn.has(shift)) continue;
        drawn.add(shift);
        for (const [shape, style] of shapes) {
          L.geoJSON(shape, { ...style, style, coordsToLatLng: ([lon, lat]) => L.latLng(lat, lon + shift) }).addTo(map);
        }
      }
    };
    drawWorlds();
    map.on("moveend", drawWorlds);
  }

  // A view over the antimeridian shows two copies of the world side by side.
  function worldsIn(bounds) {
    const worlds = [];
    for (const shift of [-360, 0, 360]) {
      if (bounds.getEast() > shift - 180 && bounds.getWest() < shift + 180) worlds.push(shift);
    }
    return worlds;
  }

  function drawDegrees(map, language) {
    const layer = L.layerGroup().addTo(map);
    const redraw = () => {
      layer.clearLayers();
      const bounds = map.getBounds();
      const step = degreeStep(bounds.getEast() - bounds.getWest());
      const west = Math.ceil(bounds.getWest() / step) * step;
      const south = Math.ceil(Math.max(bounds.getSouth(), -85) / step) * step;
      const north = Math.min(bounds.getNorth(), 85);
      for (let lon = west; lon <= bounds.getEast(); lon += step) {
        addLine(layer, [[bounds.getSouth(), lon], [bounds.getNorth(), lon]]);
        const text = degreeText(wrapped(lon), ["W", "E"], step, language);
        if (isInside(map, [bounds.getNorth(), lon])) {
          addLabel(layer, [bounds.getNorth(), lon], text, "map-degree", "degrees", [-3, -2]);
        }
      }
      for (let lat = south; lat <= north; lat += step) {
        addLine(layer, [[lat, bounds.getWest()], [lat, bounds.getEast()]]);
        const text = degreeText(lat, ["S", "N"], step, language);
        if (isInside(map, [lat, bounds.getEast()])) {
          addLabel(layer, [lat, bounds.getEast()], text, "map-degree map-degree--lat", "degrees", [3, 15]);
        }
      }
    };
    map.on("moveend", redraw);
    redraw();
  }

  function degreeStep(width) {
    return DEGREE_STEPS.find((step) => width / step >= LINES_WANTED) ?? DEGREE_STEPS.at(-1);
  }

  function wrapped(lon) {
    return ((((lon + 180) % 360) + 360) % 360) - 180;
  }

  function addLine(layer, points) {
    L.polyline(points, { pane: "degrees", color: "#0f3b47", opacity: 0.18, weight: 1, interactive: false }).addTo(layer);
  }

  // Off the corners, where the buttons and the source are.
  function isInside(map, position) {
    const point = map.latLngToContainerPoint(position);
    const size = map.getSize();
    return point.x > 48 && point.y < size.y - 24 && (point.y > 30 || point.x < size.x - 48);
  }

  function degreeText(degrees, sides, step, language) {
    const decimals = step < 0.1 ? 2 : step < 1 ? 1 : 0;
    const figure = Math.abs(degrees).toLocaleString(language, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
    const isSideless = Math.abs(degrees) < 1e-9 || Math.abs(degrees) > 180 - 1e-9;
    const side = isSideless ? "" : sides[degrees < 0 ? 0 : 1];
    return `${figure}° ${language === "fr" && side === "W" ? "O" : side}`;
  }

  function addLabel(layer, position, text, className, pane, anchor) {
    const words = document.createElement("span");
    words.textContent = text;
    const icon = L.divIcon({ html: words, className, iconSize: null, iconAnchor: anchor });
    L.marker(position, { icon, pane, interactive: false, keyboard: false }).addTo(layer);
  }

  // places.json: [longitude, latitude, least zoom, name], the most important first.
  async function drawPlaces(map, address) {
    const places = await load(address);
    const layer = L.layerGroup().addTo(map);
    const redraw = () => {
      layer.clearLayers();
      const taken = [];
      const bounds = map.getBounds();
      for (const [lon, lat, leastZoom, name] of places) {
        if (leastZoom > map.getZoom() + 1) break;
        for (const shift of worldsIn(bounds)) {
          const position = L.latLng(lat, lon + shift);
          if (bounds.contains(position) && isFree(map.latLngToContainerPoint(position), taken)) {
            addLabel(layer, position, name, "map-place", "places", [2, 6]);
          }
        }
      }
    };
    map.on("moveend", redraw);
    redraw();
  }

  function isFree(point, taken) {
    const isClear = taken.every(
      (other) => Math.abs(other.x - point.x) > LABEL_WIDTH_PX || Math.abs(other.y - point.y) > LABEL_HEIGHT_PX,
    );
    if (isClear) taken.push(point);
    return isClear;
  }

  window.Orbitrage = { baseMap: { add } };
})();
