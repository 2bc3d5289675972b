// Drawing of polygons on a map, kept in step with a textarea:
// <div data-map data-draw-target="id of the textarea" [data-draw-format="geojson|corners"]
//   [data-draw-hint-id="json_script of an area"] [data-draw-copy="id of what holds another map"]>.
(() => {
  "use strict";

  const { maps, words, roles, fit, outlines } = window.Orbitrage;
  const CORNERS_EDITABLE = 120;
  const DRAG_PX = 6;
  const OF_TWO_POINTS = { rectangle: outlines.rectangle, circle: outlines.circle };
  const STEPS = { ArrowLeft: [-4, 0], ArrowRight: [4, 0], ArrowUp: [0, -4], ArrowDown: [0, 4] };

  function copyOf(polygons) {
    return polygons.map((polygon) => polygon.map((ring) => [...ring]));
  }

  function cornersOf(polygons) {
    return polygons.flat(2).length;
  }

  class DrawingTool {
    constructor(element, { map, shift }) {
      this.element = element;
      this.map = map;
      this.shift = shift;
      this.target = document.getElementById(element.dataset.drawTarget);
      this.text = outlines.texts[element.dataset.drawFormat ?? "geojson"];
      this.layer = L.layerGroup().addTo(map);
      this.polygons = [];
      this.before = [];
      this.draft = [];
      this.mode = null;
      this.isHole = false;
      this.active = 0;
      this.untyped = this.polygons;
      this.addTools();
      this.listen();
      this.readTarget();
      this.showDrawing();
    }

    listen() {
      this.pressed = null;
      this.map.on("mousedown", (event) => { this.pressed = event; });
      this.map.on("mouseup", () => this.forgetOnceClicked(this.pressed));
      this.map.on("mousemove", (event) => this.preview(event.latlng));
      this.map.on("click", (event) => this.clicked(event));
      this.element.addEventListener("keydown", (event) => this.onKey(event));
      this.target.addEventListener("focus", () => { this.untyped = this.polygons; });
      this.target.addEventListener("input", () => this.readTarget());
      this.target.addEventListener("change", (event) => this.typed(event));
      this.target.form?.addEventListener("submit", (event) => this.holdBack(event));
    }

    // --- tools ------------------------------------------------------------------------------------

    addTools() {
      const tools = document.createElement("div");
      tools.className = "map-tools";
      this.buttons = {
        polygon: this.button(tools, words.drawPolygon, () => this.start("polygon")),
        rectangle: this.button(tools, words.drawRectangle, () => this.start("rectangle")),
        circle: this.button(tools, words.drawCircle, () => this.start("circle")),
        hole: this.button(tools, words.drawHole, () => this.toggleHole()),
        addHere: this.button(tools, words.addHere, () => this.addPoint(this.map.getCenter())),
        finish: this.button(tools, words.finish, () => this.finish(this.draft)),
        undo: this.button(tools, words.undo, () => this.undo()),
        clear: this.button(tools, words.clear, () => this.clear()),
      };
      this.addCopying(tools);
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

    addCopying(tools) {
      const { drawCopy, drawHintId } = this.element.dataset;
      if (drawCopy) this.button(tools, words.copyRead, () => this.copyFrom(this.featuresIn(drawCopy)));
      const hint = document.getElementById(drawHintId ?? "");
      if (!hint) return;
      const data = JSON.parse(hint.textContent);
      const features = data.features ?? [data];
      const polygons = this.areaIn(features);
      if (polygons.length && cornersOf(polygons) <= CORNERS_EDITABLE) this.button(tools, words.copyArea, () => this.copyFrom(features));
    }

    // The map of an area that was read comes anew with each.
    featuresIn(id) {
      return maps.get(document.querySelector(`#${id} [data-map]`))?.features ?? [];
    }

    areaIn(features) {
      const area = features.find((each) => each.properties?.role === "aoi") ?? features[0];
      return (area && outlines.ofGeometry(area.geometry ?? area, this.shift)) ?? [];
    }

    copyFrom(features) {
      const polygons = this.areaIn(features);
      if (!polygons.length || cornersOf(polygons) > CORNERS_EDITABLE) {
        this.say(polygons.length ? words.tooManyCorners.replace("%s", CORNERS_EDITABLE) : words.nothingToCopy);
        return;
      }
      this.replace(polygons);
      this.showDrawing();
    }

    // --- drawing ----------------------------------------------------------------------------------

    start(mode) {
      this.mode = this.mode === mode ? null : mode;
      this.draft = [];
      this.redraw();
    }

    toggleHole() {
      this.isHole = !this.isHole;
      this.redraw();
    }

    // What is made of two points may be drawn by two clicks, or by one movement with the button held.
    clicked(event) {
      const start = this.firstPoint();
      const isDragged = start && start !== this.draft[0] && this.distance(start, event.latlng) > DRAG_PX;
      if (isDragged) this.addPoint(start);
      this.addPoint(event.latlng);
    }

    // The click comes after the button is let go, and the next press may come before the timer.
    forgetOnceClicked(press) {
      setTimeout(() => { if (this.pressed === press) this.pressed = null; });
    }

    firstPoint() {
      return this.mode in OF_TWO_POINTS ? (this.draft[0] ?? this.pressed?.latlng) : undefined;
    }

    distance(a, b) {
      return this.map.latLngToContainerPoint(a).distanceTo(this.map.latLngToContainerPoint(b));
    }

    preview(point) {
      const start = this.firstPoint();
      if (!start) return;
      this.redraw();
      L.polygon(OF_TWO_POINTS[this.mode](start, point), { ...roles.drawing, interactive: false }).addTo(this.layer);
    }

    // What is being drawn is not sent half done.
    holdBack(event) {
      if (!this.mode || !this.draft.length || !this.element.clientWidth) return;
      event.preventDefault();
      this.say(words.unfinished);
      this.buttons[this.mode].focus();
    }

    addPoint(point) {
      if (!this.mode) return;
      if (this.draft.length && this.distance(this.draft.at(-1), point) < 1) return;
      this.draft.push(point);
      const shape = OF_TWO_POINTS[this.mode];
      if (shape && this.draft.length === 2) this.finish(shape(...this.draft));
      else this.redraw();
    }

    finish(ring) {
      this.draft = [];
      this.mode = null;
      const polygons = ring.length < 3 ? null : this.withRing(ring);
      if (polygons) this.replace(polygons);
      else this.redraw();
      if (ring.length >= 3 && !polygons) this.say(words.holeOutside);
      if (document.activeElement === document.body) this.element.focus();
    }

    // With one more part, or a hole in the part around it; null where there is none.
    withRing(ring) {
      const polygons = copyOf(this.polygons);
      if (!this.isHole) return [...polygons, [ring]];
      const around = polygons.find(([shell]) => ring.every((point) => outlines.isInside(point, shell)));
      around?.push(ring);
      this.isHole = false;
      return around ? polygons : null;
    }

    undo() {
      if (this.draft.length) {
        this.draft.pop();
        this.redraw();
      } else if (this.before.length) {
        this.polygons = this.before.pop();
        this.write();
      }
    }

    clear() {
      this.draft = [];
      this.mode = null;
      this.isHole = false;
      this.replace([]);
    }

    replace(polygons) {
      this.before.push(this.polygons);
      this.polygons = polygons;
      this.write();
    }

    onKey(event) {
      if (!this.mode || event.target !== this.element) return;
      const acts = { Enter: () => this.addPoint(this.map.getCenter()), Escape: () => this.start(this.mode), Backspace: () => this.undo() };
      if (!acts[event.key]) return;
      event.preventDefault();
      acts[event.key]();
    }

    // --- the text ---------------------------------------------------------------------------------

    readTarget() {
      const typed = this.target.value.trim();
      const polygons = typed ? this.text.read(typed, this.shift) : [];
      if (polygons === null) return;
      this.polygons = polygons;
      this.redraw();
    }

    // By hand, not by write() below: one step back is to what was there before.
    typed(event) {
      if (!event.isTrusted) return;
      this.before.push(this.untyped);
      this.untyped = this.polygons;
      this.showState();
      this.showDrawing();
    }

    write() {
      this.target.value = this.polygons.length ? this.text.write(this.polygons) : "";
      this.target.dispatchEvent(new Event("change", { bubbles: true }));
      this.redraw();
    }

    // --- what is seen -----------------------------------------------------------------------------

    showDrawing() {
      const bounds = L.latLngBounds(this.polygons.flat(2));
      if (!bounds.isValid()) return;
      maps.get(this.element).bounds.extend(bounds); // what is fitted once a hidden map is seen
      if (this.element.clientWidth) fit(this.map, bounds);
    }

    redraw() {
      this.layer.clearLayers();
      for (const polygon of this.polygons) L.polygon(polygon, { ...roles.drawing, interactive: false }).addTo(this.layer);
      if (this.draft.length) {
        L.polyline(this.draft, { ...roles.drawing, fill: false, interactive: false }).addTo(this.layer);
        for (const point of this.draft) L.circleMarker(point, { radius: 5, color: "#8f4a0b", fillColor: "#fff", fillOpacity: 1, interactive: false }).addTo(this.layer);
      }
      if (!this.mode && cornersOf(this.polygons) <= CORNERS_EDITABLE) this.addCorners();
      this.showState();
    }

    say(message) {
      this.status.textContent = message;
    }

    showState() {
      this.isHole &&= this.polygons.length > 0;
      const isDrawing = this.mode !== null;
      this.element.classList.toggle("map--drawing", isDrawing);
      this.cross.hidden = !isDrawing;
      this.map.dragging[this.mode in OF_TWO_POINTS ? "disable" : "enable"]();
      for (const mode of ["polygon", "rectangle", "circle"]) this.buttons[mode].setAttribute("aria-pressed", String(this.mode === mode));
      this.buttons.hole.setAttribute("aria-pressed", String(this.isHole));
      this.buttons.hole.disabled = !this.polygons.length;
      this.buttons.addHere.hidden = !isDrawing;
      this.buttons.finish.hidden = this.mode !== "polygon";
      this.buttons.finish.disabled = this.draft.length < 3;
      this.buttons.undo.disabled = !this.draft.length && !this.before.length;
      this.buttons.clear.disabled = !this.draft.length && !this.polygons.length;
      this.say(this.message());
    }

    message() {
      if (this.mode) return words[`${this.mode}Help`];
      if (this.isHole) return words.holeHelp;
      if (!this.polygons.length) return words.idle;
      if (this.polygons.flat().some((ring) => ring.length <= CORNERS_EDITABLE && outlines.isCrossed(ring))) return words.crossed;
      const figures = { minimumFractionDigits: 2, maximumFractionDigits: 2 };
      return words.done.replace("%s", outlines.areaKm2(this.polygons).toLocaleString(document.documentElement.lang, figures));
    }

    // --- corners ----------------------------------------------------------------------------------

    // One stop of the Tab key for all of them: the keys of a corner lead to the others.
    addCorners() {
      this.corners = this.polygons.flatMap((polygon, at) => polygon.flatMap((ring, hole) => ring.map((point, i) => ({ at, hole, i, point }))));
      this.active = Math.min(this.active, Math.max(this.corners.length - 1, 0));
      this.corners.forEach((corner, index) => this.addCorner(corner, index));
    }

    addCorner(corner, index) {
      const icon = L.divIcon({ className: "map-vertex", iconSize: [14, 14] });
      const marker = L.marker(corner.point, { icon, draggable: true, alt: words.vertex, title: words.vertex }).addTo(this.layer);
      const element = marker.getElement();
      element.setAttribute("aria-label", words.vertex);
      element.tabIndex = index === this.active ? 0 : -1;
      corner.element = element;
      marker.on("dragend", () => this.changeCorner(corner, marker.getLatLng()));
      element.addEventListener("keydown", (event) => this.onCornerKey(event, corner, index));
      this.addBetween(corner);
    }

    // A smaller one in the middle of each side, for the mouse: it becomes a corner.
    addBetween(corner) {
      const icon = L.divIcon({ className: "map-vertex map-vertex--between", iconSize: [10, 10] });
      const marker = L.marker(this.middleAfter(corner), { icon, draggable: true, keyboard: false, title: words.between }).addTo(this.layer);
      marker.getElement().setAttribute("aria-hidden", "true");
      marker.on("dragend click", () => this.insertAfter(corner, marker.getLatLng()));
    }

    middleAfter({ at, hole, i, point }) {
      const ring = this.polygons[at][hole];
      const next = ring[(i + 1) % ring.length];
      return L.latLng((point.lat + next.lat) / 2, (point.lng + next.lng) / 2);
    }

    onCornerKey(event, corner, index) {
      const acts = {
        Delete: () => this.removeCorner(corner),
        Insert: () => { this.insertAfter(corner, this.middleAfter(corner)); this.active = index + 1; },
        PageDown: () => { this.active = (index + 1) % this.corners.length; },
        PageUp: () => { this.active = (index || this.corners.length) - 1; },
      };
      const step = STEPS[event.key];
      if (!step && !acts[event.key]) return;
      event.preventDefault();
      event.stopPropagation();
      this.active = index;
      if (step) this.changeCorner(corner, this.map.containerPointToLatLng(this.map.latLngToContainerPoint(corner.point).add(step)));
      else acts[event.key]();
      this.focusCorner();
    }

    focusCorner() {
      this.active = Math.max(Math.min(this.active, this.corners.length - 1), 0);
      this.corners.forEach(({ element }, index) => { element.tabIndex = index === this.active ? 0 : -1; });
      (this.corners[this.active]?.element ?? this.element).focus();
    }

    changeCorner({ at, hole, i }, point) {
      const polygons = copyOf(this.polygons);
      polygons[at][hole][i] = point;
      this.replace(polygons);
    }

    insertAfter({ at, hole, i }, point) {
      const polygons = copyOf(this.polygons);
      polygons[at][hole].splice(i + 1, 0, point);
      this.replace(polygons);
    }

    // Two corners are no outline: a hole goes with its last three, a part with its holes.
    removeCorner({ at, hole, i }) {
      const polygons = copyOf(this.polygons);
      polygons[at][hole].splice(i, 1);
      if (polygons[at][hole].length < 3) {
        if (hole) polygons[at].splice(hole, 1);
        else polygons.splice(at, 1);
      }
      this.replace(polygons);
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
