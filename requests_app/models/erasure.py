from django.db import models

from eligibility.models import User


class Erasable(models.Model):
    """Free text beside a row that stays for ever. It can be emptied, once, and nothing else.

    The column that is emptied allows NULL; a trigger holds it, and demands when and why.
    """

    erased_at = models.DateTimeField(null=True)
    erased_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    erasure_reason = models.CharField(max_length=60, blank=True)

    class Meta:
        abstract = True
