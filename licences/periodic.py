"""What the calendar does with licences."""

from celery import shared_task

from licences.life import remind_of_ends


@shared_task(name="licences.remind_of_ends")
def remind() -> int:
    """Tell of the licences that end soon, once a day."""
    return remind_of_ends()
