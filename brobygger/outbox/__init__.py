"""Outbox: neutral text messages and mails, written with their cause and sent by the worker.

Owns `Notice`: one message to one person, kept until it is sent or given up. A channel is a plug-in (SMTP, an SMS
gateway over HTTP, the console in the demo). A message that fails is seen by people, not forgotten.

Never: says the name of the house, or what anything is about, unless the family chose so; sends the same thing twice.
"""
