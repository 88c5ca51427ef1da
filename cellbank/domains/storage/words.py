"""What the words of this domain are called on a page: one message for each value that a list offers."""

from __future__ import annotations

import enum

from cellbank.core.errors import Message

_WORDS = {
    # kinds of containers
    "freezer": Message("Freezer"),
    "tank": Message("Nitrogen tank"),
    "shelf": Message("Shelf"),
    "drawer": Message("Drawer"),
    "rack": Message("Rack"),
    "box": Message("Box"),
    "canister": Message("Canister"),
    "cane": Message("Cane"),
    "goblet": Message("Goblet"),
    "visotube": Message("Visotube"),
    "isopropanol_box": Message("Isopropanol box"),
    "controlled_rate_chamber": Message("Controlled-rate freezer chamber"),
    "nitrogen_cart": Message("Nitrogen cart"),
    "dry_ice_box": Message("Dry-ice box"),
    "transfer_vessel": Message("Transfer vessel"),
    "bench": Message("Workbench"),
    "parking": Message("Parking place"),
    "dry_shipper": Message("Dry shipper"),
    "in_transit": Message("In transit"),
    "customer": Message("Customer"),
    "destruction_bin": Message("Destruction bin"),
    # how places lie
    "grid": Message("Grid: own rows × columns"),
    "stack": Message("Levels one above the other"),
    "lot": Message("Counted, without places"),
    "none": Message("Nothing in it has a place"),
    "grid_9x9": Message("9 × 9 (81)"),
    "grid_10x10": Message("10 × 10 (100)"),
    "grid_5x5": Message("5 × 5 (25)"),
    "grid_8x12": Message("8 × 12 (96)"),
    "grid_6x8": Message("6 × 8 (48)"),
    "grid_4x6": Message("4 × 6 (24)"),
    "letters": Message("Letters"),
    "letters_no_io": Message("Letters without I and O"),
    "numbers": Message("Numbers"),
    "running_numbers": Message("One running number for all places"),
    "row_first": Message("Along the rows: A1, A2, …"),
    "column_first": Message("Down the columns: A1, B1, …"),
    "top": Message("From the top"),
    "bottom": Message("From the bottom"),
    # how cold it is
    "liquid_nitrogen": Message("Liquid nitrogen (−196 °C)"),
    "vapour": Message("Nitrogen vapour (below −150 °C)"),
    "minus_80": Message("−80 °C"),
    "minus_20": Message("−20 °C"),
    "fridge": Message("Refrigerator (2–8 °C)"),
    "dry_ice": Message("Dry ice (−78 °C)"),
    "ambient": Message("Room temperature"),
    # how a site keeps things apart
    "physical": Message("Kept apart in places of their own"),
    "designation": Message("Kept apart by marking"),
    # what a container looks at
    "disposition": Message("Release status"),
    "infectious_status": Message("Infectious status"),
    "grade": Message("Grade"),
    "species": Message("Species"),
    "tier": Message("Bank tier"),
    "owner": Message("Owner"),
    # agents
    "hiv_1_2": Message("HIV 1/2"),
    "hepatitis_b": Message("Hepatitis B"),
    "hepatitis_c": Message("Hepatitis C"),
    "htlv": Message("HTLV"),
    "syphilis": Message("Syphilis"),
    "cmv": Message("Cytomegalovirus"),
    "ebv": Message("Epstein–Barr virus"),
    "parvovirus_b19": Message("Parvovirus B19"),
    "west_nile": Message("West Nile virus"),
    "zika": Message("Zika virus"),
    "chagas": Message("Chagas disease"),
    "malaria": Message("Malaria"),
    "sars_cov_2": Message("SARS-CoV-2"),
    "mycoplasma": Message("Mycoplasma"),
    "bacteria_fungi": Message("Bacteria and fungi"),
    "hpv": Message("Papillomavirus"),
    "other": Message("Another agent"),
    # why it was lifted
    "take_out": Message("Taking out"),
    "store": Message("Storing"),
    "move": Message("Moving"),
    "count": Message("Counting"),
    "evacuation": Message("Evacuation"),
    "freezing": Message("Freezing"),
    "failure": Message("Equipment failure"),
}


class Worded(enum.StrEnum):
    """A list of words, each of which knows what it is called."""

    @property
    def label(self) -> str:
        """The message id of this word."""
        known = _WORDS.get(self.value)
        return known.id if known else self.value
