"""The position of the sun and the irradiance on a tilted plane, after the almanac's algorithm."""

import math

import numpy as np

DAYS_TO_EPOCH = 2451545.0


def julian_day(year, month, day, hour):
    """The Julian day of a moment in universal time."""
    if month <= 2:
        year, month = year - 1, month + 12
    century = year // 100
    leap = 2 - century + century // 4
    return int(365.25 * (year + 4716)) + int(30.6001 * (month + 1)) + day + leap - 1524.5 + hour / 24.0


def equatorial(jd):
    """Right ascension and declination in radians, and the sidereal time in hours."""
    n = jd - DAYS_TO_EPOCH
    longitude = (280.460 + 0.9856474 * n) % 360.0
    anomaly = math.radians((357.528 + 0.9856003 * n) % 360.0)
    ecliptic = math.radians(longitude + 1.915 * math.sin(anomaly) + 0.020 * math.sin(2.0 * anomaly))
    obliquity = math.radians(23.439 - 0.0000004 * n)
    ascension = math.atan2(math.cos(obliquity) * math.sin(ecliptic), math.cos(ecliptic))
    declination = math.asin(math.sin(obliquity) * math.sin(ecliptic))
    return ascension, declination, 18.697374558 + 24.06570982441908 * n


def horizontal(jd, latitude, longitude):
    """Elevation and azimuth in radians, seen from a place in degrees."""
    ascension, declination, sidereal = equatorial(jd)
    local = math.radians((sidereal * 15.0 + longitude) % 360.0)
    hour_angle = local - ascension
    phi = math.radians(latitude)
    sine = math.sin(phi) * math.sin(declination) + math.cos(phi) * math.cos(declination) * math.cos(hour_angle)
    elevation = math.asin(sine)
    azimuth = math.atan2(
        -math.sin(hour_angle),
        math.cos(phi) * math.tan(declination) - math.sin(phi) * math.cos(hour_angle),
    )
    return elevation, azimuth


def refraction(elevation):
    """How much the air lifts the sun, in radians."""
    degrees = math.degrees(elevation)
    if degrees > 85.0:
        return 0.0
    t = math.tan(elevation)
    if degrees > 5.0:
        seconds = 58.1 / t - 0.07 / t**3 + 0.000086 / t**5
    elif degrees > -0.575:
        seconds = 1735.0 + degrees * (-518.2 + degrees * (103.4 + degrees * (-12.79 + degrees * 0.711)))
    else:
        seconds = -20.774 / t
    return math.radians(seconds / 3600.0)


def air_mass(elevation):
    """The path through the air, relative to that at the zenith (Kasten and Young)."""
    degrees = math.degrees(elevation)
    return 1.0 / (math.sin(elevation) + 0.50572 * (degrees + 6.07995) ** -1.6364)


def daily_yield(tilt, facing, latitude, longitude=0.0, date=(2024, 6, 21), step=2.0):
    """The energy that a plane collects in a day, for its tilt and the direction that it faces, in degrees."""
    total = 0.0
    slope, normal = math.radians(tilt), math.radians(facing)
    for k in range(int(24.0 / step)):
        elevation, azimuth = horizontal(julian_day(*date, k * step), latitude, longitude)
        elevation += refraction(elevation)
        if elevation <= 0.02:
            continue
        direct = 1353.0 * 0.7 ** (air_mass(elevation) ** 0.678)
        incidence = math.sin(elevation) * math.cos(slope) + math.cos(elevation) * math.sin(slope) * math.cos(
            azimuth - normal
        )
        diffuse = 0.1 * direct * 0.5 * (1.0 + math.cos(slope))
        total += (max(incidence, 0.0) * direct + diffuse) * step
    return total / 1000.0


def best_tilt_misfit(angles, latitude, target):
    """How far a set of planes is from a wanted yield."""
    yields = np.array([daily_yield(tilt, 180.0, latitude) for tilt in angles])
    return np.sum((yields - target) ** 2)
