"""Chats and posts as records, one module for each family of exports.

Here: WhatsApp and what looks like it, Telegram, Facebook and Instagram, Twitter.
Not here: what a record is (formats/records), mail (formats/mail).
"""
