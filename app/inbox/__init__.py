"""Inbox: one thread per contact over all channels, its messages and notes, and the sending of replies.

A reply is a row before it is a call; the reply fence refuses it when something newer was written than its author saw.
"""
