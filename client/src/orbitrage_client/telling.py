"""Answers of the service as lines for a person."""

from typing import Any

from orbitrage_client.errors import Refusal
from orbitrage_client.service import Document


def plain(text: Any) -> str:
    """Without what a terminal would act on: the texts are other people's."""
    return "".join(each if each.isprintable() else " " for each in str(text))


def refusal(refused: Refusal) -> str:
    where = f"{refused.field}: " if refused.field else ""
    return plain(f"{refused.code}: {where}{refused.message}")


def km2(text: str) -> str:
    return f"{float(text):,.2f} km²"


def on_behalf(told: Document) -> str:
    mandate = f", under mandate {told['mandate']}" if told["mandate"] else ""
    return plain(f"{told['entity']['name']}{mandate}")


def person(me: Document) -> list[str]:
    token = me["token"]
    lines = [plain(f"{me['full_name']} <{me['email']}>")]
    lines += [
        f"  may ask on behalf of {each['key']}  {on_behalf(each)}" for each in me["on_behalf"]
    ]
    if me["offices"]:
        lines.append(f"  offices: {', '.join(me['offices'])}")
    scopes = ", ".join(token["scopes"])
    return [*lines, plain(f"  token {token['name']}: {scopes}; expires {token['expires_at']}")]


def sensors(listed: list[Document]) -> list[str]:
    return [
        plain(f"{each['code']:<14}{each['name']:<22}{', '.join(each['kinds'])}") for each in listed
    ]


def checked_areas(listed: list[Document]) -> list[str]:
    lines = []
    for each in listed:
        area = each["area"]
        if area is None:
            lines.append(plain(f"{each['file']}: not usable"))
            lines += [f"  {refusal(Refusal(**reason))}" for reason in each["refusals"]]
            continue
        size = f"{km2(area['area_km2'])}, {area['parts']} parts, {area['vertices']} vertices"
        lines.append(plain(f"{each['file']}: {size}; kept as {area['id']}"))
        lines += [f"  {doubt}" for doubt in doubts(area)]
    return lines


def doubts(area: Document) -> list[str]:
    lines = []
    if area["repaired"]:
        where = "; ".join(area["faults"])
        lines.append(plain(f"mended by {km2(area['repair_change_km2'])}: {where}"))
    if area["looks_swapped"]:
        lines.append("latitude and longitude look swapped")
    return lines


def places(listed: list[Document]) -> list[str]:
    return [
        plain(f"{each['id']:>8}  {each['name']}, {each['kind']} {each['code']}, {each['parent']}")
        for each in listed
    ]


def notices(listed: list[Document]) -> list[str]:
    return [
        plain(f"{each['told_at']}  {' ' if each['is_read'] else '*'} {each['subject']}")
        for each in listed
    ]


def written(sent: Document) -> list[str]:
    return ["The note is kept." if sent["kind"] == "internal" else "The message is sent."]


def asked(told: Document) -> list[str]:
    lines = [plain(told["label"]), *([plain(told["explanation"])] if told["explanation"] else [])]
    for field in told["fields"]:
        needed = "" if field["is_required"] else " (may be left out)"
        lines.append(plain(f"  {field['name']}: {field['label']}{needed}"))
        lines += [plain(f"    {each['value']}  {each['label']}") for each in field["choices"]]
    return lines


def requests(listed: list[Document]) -> list[str]:
    return [
        plain(
            f"{each['number']}  {each['state_label']:<22}  {each['sensor']:<10}"
            f"  {km2(each['area_km2']):>14}  {each['title']}"
        )
        for each in listed
    ]


def request(told: Document) -> list[str]:
    if not told:
        return ["Done. The request is no longer yours to see."]
    lines = [plain(f"{told['number']}  {told['title']}")]
    lines.append(plain(f"  {told['state_label']}, {km2(told['decided_area_km2'])}"))
    if told["question"]:
        lines.append(plain(f"  asked: {told['question']}"))
    if told["offer"]:
        offer = told["offer"]
        lines.append(f"  offered: {km2(offer['area_km2'])}, {offer['price_eur']} €")
    if told.get("emergency"):
        lines.append(f"  Somebody in danger? Go there first: {told['emergency']}")
    lines.append(plain(f"  {told['next_step']}"))
    moves = ", ".join(move["name"] for move in told["moves"])
    return [*lines, f"  open to you: {moves}"] if moves else lines


def preview(seen: Document) -> list[str]:
    """All that the page beside the form says, in its order."""
    verdict = "would be accepted" if seen["is_accepted"] else "would be refused"
    eligibility, cell = seen["eligibility"], seen["cell"] or "no cell"
    answer = eligibility["answer"].replace("_", " ")
    lines = [
        f"Submitting {verdict}. Nothing was written.",
        plain(f"  may you ask: {answer} ({eligibility['rule']}); decided by {cell}"),
    ]
    if eligibility["condition"]:
        lines.append(plain(f"    {eligibility['condition']}"))
    lines += [f"    {refusal(Refusal(**each))}" for each in seen["refusals"]]
    lines += [*_neighbours(seen), *_cost(seen), *_available(seen), *_delays(seen)]
    return [*lines, *(plain(f"  good to know: {each['message']}") for each in seen["advice"])]


def _neighbours(seen: Document) -> list[str]:
    told = seen["neighbours"] or {"items": [], "others_nearby": False}
    lines = [
        plain(f"    near it: {each['number']} {each['title']}, {each['distance_km']} km away")
        for each in told["items"]
    ]
    return [*lines, "    others ask nearby"] if told["others_nearby"] else lines


def _cost(seen: Document) -> list[str]:
    lines = [f"  to pay: {seen['cost']['to_pay_eur']} €"]
    lines += [
        plain(f"    {line['label']}: {km2(line['area_km2'])}, {line['amount_eur']} €")
        for line in seen["cost"]["lines"]
    ]
    if seen["pressure"]:
        asked, left = (km2(seen["pressure"][name]) for name in ("asked_km2", "left_km2"))
        lines.append(f"    the cell's envelope: others ask {asked}, {left} are left")
    return lines


def _available(seen: Document) -> list[str]:
    covered, remaining = km2(seen["covered_km2"]), km2(seen["remaining_km2"])
    lines = [f"  available already: {covered}; to do: {remaining}"]
    for each in seen["available"]:
        clouds = each["cloud_cover_percent"]
        cloudy = "" if clouds is None else f", {clouds:g} % clouds"
        share = f"{float(each['covered_percent']):g} % of the area"
        lines.append(plain(f"    {each['identifier']}, {each['acquired_at']}{cloudy}, {share}"))
    more = seen["available_count"] - len(seen["available"])
    return [*lines, f"    {more} more in the catalogue"] if more > 0 else lines


def _delays(seen: Document) -> list[str]:
    lines = []
    if (delay := seen["delay"]) is not None:
        usual = f"it sets itself {delay['set_itself_days']} days"
        if delay["median_days"] is not None:
            usual = f"half within {delay['median_days']} days, most within {delay['most_days']}"
        lines.append(f"  the cell's delay: {usual} ({delay['files']} files of a year)")
    if (before := seen["orders_before"]) is not None:
        told = f"{before['orders']} of three years"
        if before["whole"] is not None:
            told += f", {before['whole']} brought nearly all, {before['nothing']} nothing"
        about = ", ".join(text for text in (before["where"], before["season"]) if text)
        lines.append(plain(f"  such orders: {told}{f' ({about})' if about else ''}"))
    return lines


def story(told: Document) -> list[str]:
    lines = steps(told["steps"])
    return lines if told["is_over"] else [*lines, plain(f"→ {told['next_step']}")]


def steps(listed: list[Document]) -> list[str]:
    lines = []
    for step in listed:
        lines.append(plain(f"{step['at']}  {step['sentence']} ({step['by']})"))
        lines += [plain(f"    {step[name]}") for name in ("reason", "note") if step[name]]
        lines += [plain(f"    + {file['name']}") for file in step["files"]]
    return lines


def files(paths: list[str]) -> list[str]:
    return paths
