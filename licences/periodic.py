"""What the calendar does with licences."""

from celery import shared_task

from licences.life import remind_of_ends
from licences.rendering import sweep
from licences.signing import remind_signatories


@shared_task(name="licences.remind_of_ends")
def remind() -> int:
    """Tell of the licences that end soon, and of those that still await a signature, once a day."""
    return remind_of_ends() + remind_signatories()


@shared_task(name="licences.sweep_documents")
def sweep_documents() -> int:
    """Delete the documents that a worker stopped in the middle left without a row."""
    return sweep()
