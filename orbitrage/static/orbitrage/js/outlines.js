// Outlines of polygons for draw.js: shapes, measures, and the texts they are written as.
// A polygon is a list of rings, the shell first, then its holes; a ring a list of L.LatLng, not closed.
// Fills window.Orbitrage.outlines.
(() => {
  "use strict";

  const { words } = window.Orbitrage;
  const ECCENTRICITY = 0.0818191908426215;
  const AUTHALIC_RADIUS_KM = 6371.0071809;
  const CIRCLE_CORNERS = 64;
  const DECIMALS = 6;
  const RADIANS = Math.PI / 180;
  const HOLE = /^(hole|trou)\s*:?$/i;

  // --- measures -----------------------------------------------------------------------------------

  function authalicQ(sine) {
    const e = ECCENTRICITY;
    const es = e * sine;
    return (1 - e * e) * (sine / (1 - es * es) - Math.log((1 - es) / (1 + es)) / (2 * e));
  }

  // Sine of the authalic latitude: areas on the ellipsoid become areas on a cylinder.
  function authalicSine(lat) {
    return authalicQ(Math.sin(lat * RADIANS)) / authalicQ(1);
  }

  function ringKm2(ring) {
    let sum = 0;
    ring.forEach((point, i) => {
      const next = ring[(i + 1) % ring.length];
      sum += (next.lng - point.lng) * (authalicSine(point.lat) + authalicSine(next.lat));
    });
    return (Math.abs(sum) / 2) * RADIANS * AUTHALIC_RADIUS_KM ** 2;
  }

  function areaKm2(polygons) {
    const ofOne = ([shell, ...holes]) => holes.reduce((left, hole) => left - ringKm2(hole), ringKm2(shell));
    return polygons.reduce((sum, polygon) => sum + ofOne(polygon), 0);
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

  function isInside(point, ring) {
    return ring.reduce((inside, a, i) => {
      const b = ring[(i + 1) % ring.length];
      const isAcross = a.lat > point.lat !== b.lat > point.lat;
      const lng = a.lng + ((point.lat - a.lat) / (b.lat - a.lat)) * (b.lng - a.lng);
      return isAcross && point.lng < lng ? !inside : inside;
    }, false);
  }

  // --- shapes of two points -----------------------------------------------------------------------

  function rectangle(a, b) {
    return [L.latLng(a.lat, a.lng), L.latLng(a.lat, b.lng), L.latLng(b.lat, b.lng), L.latLng(b.lat, a.lng)];
  }

  // Around the first point, through the second, on the sphere.
  function circle(centre, edge) {
    const distance = L.CRS.Earth.distance(centre, edge) / L.CRS.Earth.R;
    const [sine, cosine] = [Math.sin(centre.lat * RADIANS), Math.cos(centre.lat * RADIANS)];
    return Array.from({ length: CIRCLE_CORNERS }, (_, i) => {
      const bearing = (-2 * Math.PI * i) / CIRCLE_CORNERS;
      const lat = Math.asin(sine * Math.cos(distance) + cosine * Math.sin(distance) * Math.cos(bearing));
      const east = Math.sin(bearing) * Math.sin(distance) * cosine;
      const turned = Math.atan2(east, Math.cos(distance) - sine * Math.sin(lat));
      return L.latLng(lat / RADIANS, centre.lng + turned / RADIANS);
    });
  }

  // --- texts --------------------------------------------------------------------------------------

  function round(degrees) {
    return Number(degrees.toFixed(DECIMALS));
  }

  // What lies wholly beyond 180° is brought back; what crosses keeps its longitudes in sequence.
  function inWorld([shell, ...holes]) {
    const offset = shell.every((point) => point.lng > 180) ? -360 : shell.every((point) => point.lng < -180) ? 360 : 0;
    return [shell, ...holes].map((ring) => ring.map((point) => [round(point.lng + offset), round(point.lat)]));
  }

  const geojson = {
    write(polygons) {
      const coordinates = polygons.map((polygon) => inWorld(polygon).map((ring) => [...ring, ring[0]]));
      if (coordinates.length === 1) return JSON.stringify({ type: "Polygon", coordinates: coordinates[0] });
      return JSON.stringify({ type: "MultiPolygon", coordinates });
    },

    // The polygons of what was typed, or null when it is something else.
    read(text, shift) {
      try {
        return ofGeometry(JSON.parse(text), shift);
      } catch {
        return null;
      }
    },
  };

  function ofGeometry(geometry, shift) {
    if (!["Polygon", "MultiPolygon"].includes(geometry?.type)) return null;
    const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
    return polygons.map((rings) => rings.map((ring) => ring.slice(0, -1).map(([lon, lat]) => L.latLng(lat, shift(lon)))));
  }

  // One corner a line; an empty line before another part, a word before a hole.
  const corners = {
    write(polygons) {
      const lines = (ring) => ring.map((position) => position.join(" ")).join("\n");
      return polygons.map((polygon) => inWorld(polygon).map(lines).join(`\n${words.hole}\n`)).join("\n\n");
    },

    read(text, shift) {
      const polygons = [];
      let begins = "part";
      for (const line of text.split("\n").map((each) => each.trim())) {
        const position = positionIn(line);
        if (!line) begins = "part";
        else if (HOLE.test(line)) begins = "hole";
        else if (!position || (begins === "hole" && !polygons.length)) return null;
        else {
          if (begins === "part") polygons.push([[]]);
          if (begins === "hole") polygons.at(-1).push([]);
          begins = "";
          polygons.at(-1).at(-1).push(L.latLng(position[1], shift(position[0])));
        }
      }
      return polygons.every((polygon) => polygon.every((ring) => ring.length >= 3)) ? polygons : null;
    },
  };

  // Two numbers: where a space or a semicolon is between them, their decimals may follow a comma.
  function positionIn(line) {
    for (const between of [/[\s;]+/, /[\s;,]+/]) {
      const written = line.split(between).map((word) => word.replace(/,$/, "")).filter(Boolean);
      const numbers = written.map((word) => Number(word.replace(",", ".")));
      if (numbers.length === 2 && numbers.every(Number.isFinite)) return numbers;
    }
    return null;
  }

  window.Orbitrage.outlines = { areaKm2, isCrossed, isInside, rectangle, circle, ofGeometry, texts: { geojson, corners } };
})();
