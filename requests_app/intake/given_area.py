"""The area that a form gives, by the service of the way it is given."""

from collections.abc import Callable

from eligibility.models import User
from requests_app.aoi.reading import bytes_of
from requests_app.intake import services as intake
from requests_app.intake.forms.area import AreaForm, AreaWay
from requests_app.models import UploadedArea


def keep_given_area(*, user: User, form: AreaForm) -> UploadedArea:
    """Raises AreaRefused."""
    return _KEEPERS[form.way](user, form)


def _upload(user: User, form: AreaForm) -> UploadedArea:
    return intake.keep_area(
        user=user,
        data=bytes_of(form.given),
        file_name=form.given.name or "",
        layer=form.wanted_layer,
    )


_KEEPERS: dict[AreaWay, Callable[[User, AreaForm], UploadedArea]] = {
    AreaWay.UPLOAD: _upload,
    AreaWay.DRAW: lambda user, form: intake.keep_drawn_area(user=user, text=form.given),
    AreaWay.PLACE: lambda user, form: intake.keep_places(user=user, place_ids=form.given),
    AreaWay.TILE: lambda user, form: intake.keep_tile(user=user, name=form.given),
    AreaWay.TYPED: lambda user, form: intake.keep_typed_area(user=user, text=form.given),
    AreaWay.REQUEST: lambda user, form: intake.keep_area_of_request(user=user, number=form.given),
}
