"""Events in words, on pages: ``{{ entry.event|event_label }}``."""

from django import template

from yidang.audit.events import label

register = template.Library()
register.filter("event_label", label)
