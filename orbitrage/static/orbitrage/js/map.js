// Shows the GeoJSON of a json_script element on a Leaflet map: <div data-map data-geojson-id="…">;
// or of the attribute data-geojson, in what comes later: no script comes with it.
// Fills window.Orbitrage.maps (element → map, shift, features), used by draw.js.
(() => {
  "use strict";

  const settings = JSON.parse(document.getElementById("map-settings").textContent);
  const words = settings.words;
  const FRANCE = L.latLngBounds([41.3, -5.2], [51.1, 9.6]);
  const CLOSEST_ZOOM = 14;
  const SPECK_PX = 10;

  // In the order in which they are drawn. Told apart by line as well as by colour.
  const ROLES = {
    operator: { color: "#48595f", weight: 1.5, dashArray: "1 5", fillOpacity: 0 },
    item: { color: "#1a5a9e", weight: 1.2, fillOpacity: 0.08 },
    remaining: { color: "#a8185d", weight: 1, dashArray: "2 4", fillOpacity: 0.28 },
    aoi: { color: "#a8185d", weight: 2.5, fillOpacity: 0.12 },
    drawn: { color: "#8f4a0b", weight: 2, dashArray: "4 4", fillOpacity: 0.18 },
    fault: { color: "#8f1d1d", weight: 3, fillOpacity: 0.9 },
    outside: { color: "#48595f", weight: 1, dashArray: "2 3", fillOpacity: 0.35 },
    offer: { color: "#8f4a0b", weight: 3, dashArray: "9 5", fillOpacity: 0.1 },
    granted: { color: "#1a6638", weight: 3, fillOpacity: 0 },
    before: { color: "#48595f", weight: 2.5, dashArray: "9 5", fillOpacity: 0.1 },
    after: { color: "#a8185d", weight: 2.5, fillOpacity: 0.12 },
    drawing: { color: "#8f4a0b", weight: 3, dashArray: "9 5", fillOpacity: 0.1 },
    "request-neutral": { color: "#48595f", weight: 1.5, fillOpacity: 0, mark: "diamond" },
    "request-negative": { color: "#a3201b", weight: 2, dashArray: "2 4", fillOpacity: 0.05, mark: "cross" },
    "request-draft": { color: "#48595f", weight: 2, dashArray: "6 4", fillOpacity: 0, mark: "ring" },
    "request-positive": { color: "#1a6638", weight: 2.5, fillOpacity: 0.25, mark: "square" },
    "request-waiting": { color: "#1a5a9e", weight: 2.5, fillOpacity: 0.08, mark: "disc" },
    "request-action": { color: "#a8185d", weight: 3, dashArray: "9 5", fillOpacity: 0.15, mark: "triangle" },
  };
  // What stands for an outline too small to be seen; those without a fill are drawn with lines.
  const MARKS = {
    disc: "M0-5a5 5 0 1 0 0 10a5 5 0 1 0 0-10z",
    ring: "M0-5a5 5 0 1 0 0 10a5 5 0 1 0 0-10z",
    square: "M-5-5h10v10h-10z",
    diamond: "M0-6L6 0L0 6L-6 0z",
    triangle: "M0-6L6 5H-6z",
    cross: "M-5-5L5 5M-5 5L5-5",
  };
  const OPEN_MARKS = ["ring", "diamond", "cross"];
  const maps = new Map();

  function show(element) {
    const features = readFeatures(element.dataset);
    const shift = shiftOf(features);
    const map = makeMap(element);
    const bounds = addFeatures(map, features, shift);
    fit(map, bounds);
    fitOnceSeen(element, map, bounds);
    markSpecks(map);
    map.on("zoomend", () => markSpecks(map));
    Orbitrage.baseMap.add(map, settings);
    addLegend(element, features.map(roleOf));
    maps.set(element, { map, shift, features, bounds });
  }

  function fit(map, bounds) {
    map.fitBounds(bounds.isValid() ? bounds : FRANCE, { padding: [24, 24], maxZoom: CLOSEST_ZOOM });
  }

  // What is hidden has no size to fit anything into.
  function fitOnceSeen(element, map, bounds) {
    if (element.clientWidth) return;
    const observer = new ResizeObserver(() => {
      if (!element.clientWidth) return;
      observer.disconnect();
      map.invalidateSize({ pan: false });
      fit(map, bounds);
    });
    observer.observe(element);
  }

  function readFeatures({ geojson, geojsonId }) {
    const text = geojson ?? document.getElementById(geojsonId ?? "")?.textContent;
    if (!text) return [];
    const data = JSON.parse(text);
    if (data.type === "FeatureCollection") return data.features;
    return [data.type === "Feature" ? data : { type: "Feature", properties: { role: "aoi" }, geometry: data }];
  }

  function roleOf(feature) {
    const role = feature.properties?.role;
    return role in ROLES ? role : "aoi";
  }

  // Parts on both sides of the antimeridian are shown side by side, beyond 180°.
  function shiftOf(features) {
    const rings = features.flatMap((feature) => ringsOf(feature.geometry?.coordinates ?? []));
    const longitudes = rings.flat();
    const isAcross = rings.every((ring) => span(ring) < 180) && span(longitudes.map(eastward)) < span(longitudes);
    return isAcross ? eastward : (lon) => lon;
  }

  function eastward(lon) {
    return lon < 0 ? lon + 360 : lon;
  }

  // The longitudes of each ring, at whatever depth.
  function ringsOf(coordinates) {
    if (typeof coordinates[0]?.[0] === "number") return [coordinates.map(([lon]) => lon)];
    return Array.isArray(coordinates[0]) ? coordinates.flatMap(ringsOf) : [];
  }

  function span(longitudes) {
    const [least, most] = longitudes.reduce(([low, high], lon) => [Math.min(low, lon), Math.max(high, lon)], [Infinity, -Infinity]);
    return most - least;
  }

  function makeMap(element) {
    element.setAttribute("role", "region");
    element.setAttribute("aria-label", [element.dataset.mapLabel, words.map].filter(Boolean).join(". "));
    const map = L.map(element, { zoomControl: false, attributionControl: false, zoomSnap: 0.5, minZoom: 1 });
    L.control.zoom({ zoomInTitle: words.zoomIn, zoomOutTitle: words.zoomOut }).addTo(map);
    L.control.scale({ imperial: false }).addTo(map);
    L.control.attribution({ prefix: false }).addAttribution(words.source).addTo(map);
    // The page keeps the wheel until the map is in use.
    map.scrollWheelZoom.disable();
    map.on("focus", () => map.scrollWheelZoom.enable());
    map.on("blur", () => map.scrollWheelZoom.disable());
    return map;
  }

  function addFeatures(map, features, shift) {
    const bounds = L.latLngBounds([]);
    for (const role of Object.keys(ROLES)) {
      for (const feature of features.filter((each) => roleOf(each) === role && each.geometry)) {
        const layer = L.geoJSON(feature, {
          style: ROLES[role],
          pointToLayer: (_point, at) => L.circleMarker(at, { ...ROLES[role], radius: 7 }),
          coordsToLatLng: ([lon, lat]) => L.latLng(lat, shift(lon)),
        }).addTo(map);
        describe(layer, feature.properties ?? {}, role);
        bounds.extend(layer.getBounds());
      }
    }
    return bounds;
  }

  // On a map of half the world an image of 10 km is no longer seen: a dot stands for it.
  function markSpecks(map) {
    const outlines = [];
    map.eachLayer((layer) => { if (layer instanceof L.Polygon) outlines.push(layer); });
    for (const outline of outlines) {
      const bounds = outline.getBounds();
      const size = map.project(bounds.getNorthEast()).distanceTo(map.project(bounds.getSouthWest()));
      outline.speck ??= speckOf(outline, bounds.getCenter());
      if (size < SPECK_PX) outline.speck.addTo(map);
      else outline.speck.remove();
    }
  }

  function speckOf(outline, center) {
    if (!outline.options.mark) {
      return L.circleMarker(center, { ...outline.options, radius: 5, fillOpacity: 0.5, interactive: false });
    }
    const html = drawing({ viewBox: "-8 -8 16 16" });
    html.append(markOf(outline.options));
    const speck = L.marker(center, { icon: L.divIcon({ html, className: "map-mark", iconSize: [16, 16] }), keyboard: false });
    describe(speck, outline.feature.properties, roleOf(outline.feature));
    return speck;
  }

  function markOf({ mark, color }) {
    const isOpen = OPEN_MARKS.includes(mark);
    return shape("path", { d: MARKS[mark], fill: isOpen ? "#fff" : color, stroke: isOpen ? color : "#fff", "stroke-width": isOpen ? 2.5 : 1 });
  }

  function describe(layer, properties, role) {
    const label = properties.label || words[role];
    if (!properties.href) {
      layer.bindTooltip(textElement("span", label), { sticky: true });
      return;
    }
    const link = textElement("a", label);
    link.href = properties.href;
    layer.bindPopup(link);
  }

  function textElement(tag, text) {
    const element = document.createElement(tag);
    element.textContent = text;
    return element;
  }

  function addLegend(element, shown) {
    const legend = document.createElement("ul");
    legend.className = "map-legend";
    legend.setAttribute("aria-label", words.legend);
    for (const role of Object.keys(ROLES).filter((each) => shown.includes(each))) {
      const entry = document.createElement("li");
      entry.append(sample(ROLES[role]), textElement("span", words[role]));
      legend.append(entry);
    }
    if (legend.children.length) element.after(legend);
  }

  function sample(style) {
    const svg = drawing({ viewBox: "0 0 28 16" });
    svg.append(shape("rect", {
      x: 2, y: 2, width: 24, height: 12, fill: style.color, "fill-opacity": style.fillOpacity,
      stroke: style.color, "stroke-width": Math.min(style.weight, 2.5), "stroke-dasharray": style.dashArray ?? "none",
    }));
    if (style.mark) {
      const mark = markOf(style);
      mark.setAttribute("transform", "translate(14 8) scale(0.8)");
      svg.append(mark);
    }
    return svg;
  }

  function drawing(attributes) {
    return shape("svg", { "aria-hidden": "true", ...attributes });
  }

  function shape(tag, attributes) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  }

  function showAll(root) {
    for (const element of root.querySelectorAll("[data-map]")) {
      if (!maps.has(element)) show(element);
    }
  }

  Object.assign(window.Orbitrage, { maps, words, roles: ROLES, fit });
  showAll(document);
  document.addEventListener("htmx:load", (event) => showAll(event.target));
})();
