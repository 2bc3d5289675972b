"""Data to try the service with, brought about by the very services that people use."""
