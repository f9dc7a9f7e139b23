"""The staff's pages."""

from app.desk.pages.activity import ROUTES as ACTIVITY
from app.desk.pages.approved import ROUTES as APPROVED
from app.desk.pages.inbox import ROUTES as INBOX
from app.desk.pages.inbox_forms import ROUTES as FORMS
from app.desk.pages.later import ROUTES as LATER
from app.desk.pages.people_forms import ROUTES as PEOPLE
from app.desk.pages.settings import ROUTES as SETTINGS

ROUTES = [*INBOX, *FORMS, *PEOPLE, *APPROVED, *LATER, *SETTINGS, *ACTIVITY]
