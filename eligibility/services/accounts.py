from eligibility.models import User


def lock_account(user_id: int) -> User:
    """The first lock of all, and the account as it is now."""
    locked: User = User.objects.select_for_update(no_key=True).get(pk=user_id)
    return locked
