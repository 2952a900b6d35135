"""A web application of one page."""

import os

import psycopg
from flask import Flask, render_template

app = Flask(__name__)


@app.get("/")
def index() -> str:
    """Show how many orders there are."""
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        orders = connection.execute("SELECT count(*) FROM orders").fetchone()
    return render_template("index.html", orders=orders[0] if orders else 0)
