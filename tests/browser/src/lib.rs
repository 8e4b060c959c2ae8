//! Real browsers under one WebDriver client.
