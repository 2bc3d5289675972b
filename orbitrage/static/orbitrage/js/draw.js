// Drawing of polygons on a map, kept in step with a textarea of GeoJSON:
// <div data-map data-draw-target="id of the textarea" [data-draw-hint-id="json_script of an area"]>.
(() => {
  "use strict";

  const { maps, words, roles } = window.Orbitrage;
  const CORNERS_EDITABLE = 120;
  const DECIMALS = 6;
  const DRAG_PX = 6;

  // --- geometry -----------------------------------------------------------------------------------

  const ECCENTRICITY = 0.0818191908426215;
  const AUTHALIC_RADIUS_KM = 6371.0071809;

  function authalicQ(sine) {
    const e = ECCENTRICITY;
    const es = e * sine;
    return (1 - e * e) * (sine / (1 - es * es) - Math.log((1 - es) / (1 + es)) / (2 * e));
  }

  // Sine of the authalic latitude: areas on the ellipsoid become areas on a cylinder.
  function authalicSine(lat) {
    return authalicQ(Math.sin((lat * Math.PI) / 180)) / authalicQ(1);
  }

  function areaKm2(ring) {
    let sum = 0;
    ring.forEach((point, i) => {
      const next = ring[(i + 1) % ring.length];
      sum += (next.lng - point.lng) * (authalicSine(point.lat) + authalicSine(next.lat));
    });
    return (Math.abs(sum) / 2) * (Math.PI / 180) * AUTHALIC_RADIUS_KM ** 2;
  }

  function turn(a, b, c) {
    return Math.sign((b.lng - a.lng) * (c.lat - a.lat) - (b.lat - a.lat) * (c.lng - a.lng));
  }

  function isCrossed(ring) {
    const edges = ring.map((point, i) => [point, ring[(i + 1) % ring.length]]);
    return edges.some(([a, b], i) =>
      edges.slice(i + 2).some(([c, d], j) => {
        const isNeighbour = i === 0 && i + 2 + j === edges.length - 1;
        return !isNeighbour && turn(a, b, c) !== turn(a, b, d) && turn(c, d, a) !== turn(c, d, b);
      }),
    );
  }

  function rectangle(a, b) {
    return [L.latLng(a.lat, a.lng), L.latLng(a.lat, b.lng), L.latLng(b.lat, b.lng), L.latLng(b.lat, a.lng)];
  }

  // --- GeoJSON ------------------------------------------------------------------------------------

  function toGeometry(rings) {
    const polygons = rings.map((ring) => [closed(inWorld(ring))]);
    if (polygons.length === 1) return { type: "Polygon", coordinates: polygons[0] };
    return { type: "MultiPolygon", coordinates: polygons };
  }

  // A ring wholly beyond 180° is brought back; one that crosses keeps its longitudes in sequence.
  function inWorld(ring) {
    const offset = ring.every((point) => point.lng > 180) ? -360 : ring.every((point) => point.lng < -180) ? 360 : 0;
    return ring.map((point) => [round(point.lng + offset), round(point.lat)]);
  }

  function closed(positions) {
    return [...positions, positions[0]];
  }

  function round(degrees) {
    return Number(degrees.toFixed(DECIMALS));
  }

  // The outer rings of what was typed, or null when it is not something drawn here can hold.
  function toRings(text, shift) {
    let geometry;
    try {
      geometry = JSON.parse(text);
    } catch {
      return null;
    }
    const polygons = geometry?.type === "Polygon" ? [geometry.coordinates] : geometry?.coordinates;
    const isDrawable = ["Polygon", "MultiPolygon"].includes(geometry?.type) && polygons.every((p) => p.length === 1);
    if (!isDrawable) return null;
    return polygons.map(([ring]) => ring.slice(0, -1).map(([lon, lat]) => L.latLng(lat, shift(lon))));
  }

  // --- the tool -----------------------------------------------------------------------------------

  class DrawingTool {
    constructor(element, { map, shift }) {
      this.element = element;
      this.map = map;
      this.shift = shift;
      this.target = document.getElementById(element.dataset.drawTarget);
      this.layer = L.layerGroup().addTo(map);
      this.rings = [];
      this.draft = [];
      this.mode = null;
      this.addTools();
      this.pressed = null;
      map.on("mousedown", (event) => { this.pressed = event; });
      map.on("mouseup", () => setTimeout(() => { this.pressed = null; }));
      map.on("mousemove", (event) => this.preview(event.latlng));
      map.on("click", (event) => this.clicked(event));
      element.addEventListener("keydown", (event) => this.onKey(event));
      this.target.addEventListener("input", () => this.readTarget());
      this.target.form?.addEventListener("submit", (event) => this.holdBack(event));
      this.readTarget();
    }

    addTools() {
      const tools = document.createElement("div");
      tools.className = "map-tools";
      this.buttons = {
        polygon: this.button(tools, words.drawPolygon, () => this.start("polygon")),
        rectangle: this.button(tools, words.drawRectangle, () => this.start("rectangle")),
        addHere: this.button(tools, words.addHere, () => this.addPoint(this.map.getCenter())),
        finish: this.button(tools, words.finish, () => this.finish()),
        undo: this.button(tools, words.undo, () => this.undo()),
        clear: this.button(tools, words.clear, () => this.clear()),
      };
      const hint = this.readHint();
      if (hint) this.button(tools, words.copyArea, () => this.replace(hint.map((ring) => [...ring])));
      this.status = document.createElement("p");
      this.status.className = "map-tools__status";
      this.status.setAttribute("role", "status");
      tools.append(this.status);
      this.element.before(tools);
      this.cross = document.createElement("div");
      this.cross.className = "map-cross";
      this.element.append(this.cross);
    }

    button(tools, label, act) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button button--small";
      button.textContent = label;
      button.addEventListener("click", act);
      tools.append(button);
      return button;
    }

    readHint() {
      const source = document.getElementById(this.element.dataset.drawHintId ?? "");
      if (!source) return null;
      const data = JSON.parse(source.textContent);
      const area = data.features ? data.features.find((each) => each.properties?.role === "aoi") : data;
      const rings = area && toRings(JSON.stringify(area.geometry ?? area), this.shift);
      return rings && rings.flat().length <= CORNERS_EDITABLE ? rings : null;
    }

    start(mode) {
      this.mode = this.mode === mode ? null : mode;
      this.draft = [];
      this.redraw();
    }

    // A rectangle may be drawn by two clicks, or by one movement with the button held.
    clicked(event) {
      const start = this.rectangleStart();
      const isDragged = start && start !== this.draft[0] && this.distance(start, event.latlng) > DRAG_PX;
      if (isDragged) this.addPoint(start);
      this.addPoint(event.latlng);
    }

    rectangleStart() {
      return this.mode === "rectangle" ? (this.draft[0] ?? this.pressed?.latlng) : undefined;
    }

    distance(a, b) {
      return this.map.latLngToContainerPoint(a).distanceTo(this.map.latLngToContainerPoint(b));
    }

    preview(point) {
      const start = this.rectangleStart();
      if (!start) return;
      this.redraw();
      L.polygon(rectangle(start, point), { ...roles.drawing, interactive: false }).addTo(this.layer);
    }

    // What is being drawn is not sent half done.
    holdBack(event) {
      if (!this.mode) return;
      event.preventDefault();
      this.status.textContent = words.unfinished;
      this.buttons[this.mode].focus();
    }

    addPoint(point) {
      if (!this.mode) return;
      if (this.draft.length && this.distance(this.draft.at(-1), point) < 1) return;
      this.draft.push(point);
      if (this.mode === "rectangle" && this.draft.length === 2) {
        this.draft = rectangle(...this.draft);
        this.finish();
      } else {
        this.redraw();
      }
    }

    finish() {
      if (this.draft.length >= 3) this.rings.push(this.draft);
      this.draft = [];
      this.mode = null;
      this.write();
      if (document.activeElement === document.body) this.element.focus();
    }

    undo() {
      if (this.draft.length) {
        this.draft.pop();
        this.redraw();
      } else {
        this.rings.pop();
        this.write();
      }
    }

    clear() {
      this.draft = [];
      this.mode = null;
      this.replace([]);
    }

    replace(rings) {
      this.rings = rings;
      this.write();
    }

    onKey(event) {
      if (!this.mode || event.target !== this.element) return;
      const acts = { Enter: () => this.addPoint(this.map.getCenter()), Escape: () => this.start(this.mode), Backspace: () => this.undo() };
      if (!acts[event.key]) return;
      event.preventDefault();
      acts[event.key]();
    }

    readTarget() {
      const rings = this.target.value.trim() ? toRings(this.target.value, this.shift) : [];
      if (rings === null) return;
      this.rings = rings;
      this.redraw();
    }

    write() {
      this.target.value = this.rings.length ? JSON.stringify(toGeometry(this.rings)) : "";
      this.target.dispatchEvent(new Event("change", { bubbles: true }));
      this.redraw();
    }

    redraw() {
      this.layer.clearLayers();
      for (const ring of this.rings) L.polygon(ring, { ...roles.drawing, interactive: false }).addTo(this.layer);
      if (this.draft.length) {
        L.polyline(this.draft, { ...roles.drawing, fill: false, interactive: false }).addTo(this.layer);
        for (const point of this.draft) L.circleMarker(point, { radius: 5, color: "#8f4a0b", fillColor: "#fff", fillOpacity: 1, interactive: false }).addTo(this.layer);
      }
      if (!this.mode && this.rings.flat().length <= CORNERS_EDITABLE) this.addCorners();
      this.showState();
    }

    addCorners() {
      for (const ring of this.rings) {
        ring.forEach((point, i) => this.addCorner(ring, point, i));
      }
    }

    addCorner(ring, point, i) {
      const icon = L.divIcon({ className: "map-vertex", iconSize: [14, 14] });
      const corner = L.marker(point, { icon, draggable: true, alt: words.vertex, title: words.vertex }).addTo(this.layer);
      corner.getElement().setAttribute("aria-label", words.vertex);
      corner.on("dragend", () => this.moveCorner(ring, i, corner.getLatLng()));
      corner.getElement().addEventListener("keydown", (event) => this.onCornerKey(event, ring, i));
    }

    onCornerKey(event, ring, i) {
      const step = { ArrowLeft: [-4, 0], ArrowRight: [4, 0], ArrowUp: [0, -4], ArrowDown: [0, 4] }[event.key];
      if (!step && event.key !== "Delete") return;
      event.preventDefault();
      event.stopPropagation();
      if (step) {
        const moved = this.map.latLngToContainerPoint(ring[i]).add(step);
        this.moveCorner(ring, i, this.map.containerPointToLatLng(moved));
      } else {
        this.removeCorner(ring, i);
      }
      this.focusCorner(this.rings.flat().indexOf(ring[Math.min(i, ring.length - 1)]));
    }

    moveCorner(ring, i, point) {
      ring[i] = point;
      this.write();
    }

    removeCorner(ring, i) {
      ring.splice(i, 1);
      if (ring.length < 3) this.rings.splice(this.rings.indexOf(ring), 1);
      this.write();
    }

    focusCorner(index) {
      this.element.querySelectorAll(".map-vertex")[index]?.focus();
    }

    showState() {
      const isDrawing = this.mode !== null;
      this.element.classList.toggle("map--drawing", isDrawing);
      this.cross.hidden = !isDrawing;
      this.map.dragging[this.mode === "rectangle" ? "disable" : "enable"]();
      this.buttons.polygon.setAttribute("aria-pressed", String(this.mode === "polygon"));
      this.buttons.rectangle.setAttribute("aria-pressed", String(this.mode === "rectangle"));
      this.buttons.addHere.hidden = !isDrawing;
      this.buttons.finish.hidden = this.mode !== "polygon";
      this.buttons.finish.disabled = this.draft.length < 3;
      this.buttons.undo.disabled = !this.draft.length && !this.rings.length;
      this.buttons.clear.disabled = this.buttons.undo.disabled;
      this.status.textContent = this.message();
    }

    message() {
      if (this.mode) return this.mode === "polygon" ? words.polygonHelp : words.rectangleHelp;
      if (!this.rings.length) return words.idle;
      if (this.rings.some((ring) => ring.length <= CORNERS_EDITABLE && isCrossed(ring))) return words.crossed;
      const total = this.rings.reduce((sum, ring) => sum + areaKm2(ring), 0);
      const language = document.documentElement.lang;
      return words.done.replace("%s", total.toLocaleString(language, { minimumFractionDigits: 2, maximumFractionDigits: 2 }));
    }
  }

  const tools = new Map();

  function attachAll() {
    for (const [element, shown] of maps) {
      if (element.dataset.drawTarget && !tools.has(element)) tools.set(element, new DrawingTool(element, shown));
    }
  }

  attachAll();
  document.addEventListener("htmx:load", attachAll);
})();
