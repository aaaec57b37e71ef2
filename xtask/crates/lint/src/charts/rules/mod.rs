//! Rules over charts and the values that they are deployed with.

pub mod ambiguous_scalar;
#[cfg(test)]
mod examples;
#[cfg(test)]
mod fixtures;
pub mod ineffective_subchart_key;
pub mod missing_chart_dependency;
pub mod retyped_values_key;
#[cfg(test)]
mod umbrella;
pub mod unescaped_foreign_template;
pub mod unguarded_values_path;
pub mod unread_values_key;
pub mod unstable_render;
