"""Digests: subscriptions, the outbox, and the channels that deliver them."""
