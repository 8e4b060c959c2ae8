//! What a document's head says: its styles and regions (TTML 2, 8, 11).
//!
//! In: elements of the head. Out: styles by their names, regions in percent of the picture.

use videosphere_xml::Element;

use super::lengths::Grid;
use super::style::Attributes;
use crate::cue::{Align, Region};

/// Each region's name is held by every cue in it.
const MAX_ID_BYTES: usize = 200;
const MAX_NAMED: usize = 200;
/// Styles that refer to styles, in all.
const MAX_REFERENCES: usize = 16;

/// Attributes with a name, and the names of styles that they refer to.
#[derive(Default)]
struct Named {
    id: String,
    references: String,
    attributes: Attributes,
}

/// Styles and regions of a document.
pub(super) struct Head {
    pub grid: Grid,
    styles: Vec<Named>,
    regions: Vec<Named>,
    /// What `initial` says.
    initial: Attributes,
}

impl Head {
    pub(super) fn new(tt: &Element<'_>) -> Self {
        let grid = Grid::of(tt);
        Self { grid, styles: Vec::new(), regions: Vec::new(), initial: Attributes::default() }
    }

    /// An element within `head`. A `style` within a region belongs to it.
    pub(super) fn add(&mut self, element: &Element<'_>, is_in_region: bool) {
        let mut named = Named::default();
        for (name, value) in element.attributes() {
            match name {
                "id" => named.id = value.into(),
                "style" => named.references = value.into(),
                _ => named.attributes.set(name, value, &self.grid),
            }
        }
        let is_short = named.id.len() <= MAX_ID_BYTES;
        match element.name {
            "initial" => self.initial = named.attributes.or(&self.initial),
            "style" if is_in_region => {
                let said = self.referred(&named.references, &named.attributes);
                if let Some(region) = self.regions.last_mut() {
                    // What stands in the region's own tag counts more.
                    region.attributes = region.attributes.or(&said);
                }
            }
            "style" if self.styles.len() < MAX_NAMED && is_short => self.styles.push(named),
            "region" if self.regions.len() < MAX_NAMED && is_short => self.regions.push(named),
            _ => {}
        }
    }

    /// What an element says, by itself and by the styles that it refers to, the last of which counts most.
    pub(super) fn referred(&self, references: &str, own: &Attributes) -> Attributes {
        let mut left = MAX_REFERENCES;
        self.resolve(references, own, &mut left)
    }

    fn resolve(&self, references: &str, own: &Attributes, left: &mut usize) -> Attributes {
        let mut all = own.clone();
        for id in references.split_ascii_whitespace().rev() {
            let Some(rest) = left.checked_sub(1) else { break };
            *left = rest;
            if let Some(style) = self.styles.iter().find(|style| style.id == id) {
                let said = self.resolve(&style.references, &style.attributes, left);
                all = all.or(&said);
            }
        }
        all
    }

    /// A region, and what is inherited from it.
    pub(super) fn region(&self, id: &str) -> Option<(Region, Attributes)> {
        let named = self.regions.iter().find(|region| region.id == id)?;
        let said = self.referred(&named.references, &named.attributes).or(&self.initial);
        let (width, height) = said.extent.unwrap_or((100.0, 100.0));
        let (x, y) = match (said.position, said.origin) {
            (Some((x, y)), _) => (x * (100.0 - width) / 100.0, y * (100.0 - height) / 100.0),
            (None, origin) => origin.unwrap_or((0.0, 0.0)),
        };
        let region = Region {
            id: id.into(),
            width_percent: width,
            lines: 0,
            height_percent: Some(height),
            region_anchor_percent: (0.0, 0.0),
            viewport_anchor_percent: (x, y),
            scrolls_up: false,
            background: said.background.filter(|color| color.alpha > 0),
            display_align: said.display_align.unwrap_or(Align::Start),
        };
        Some((region, Attributes { background: None, ..said }))
    }

    /// What is inherited where there is no region.
    pub(super) fn initial(&self) -> &Attributes {
        &self.initial
    }
}
