"""Forecasts of time series: many at once, with intervals; the history in, the steps ahead out."""
