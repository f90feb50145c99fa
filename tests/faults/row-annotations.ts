/** What a test tells the report beside its result: types of its annotations. */
export const ENGINE_ANNOTATION = "engine";
/** JSON of the scenario's id and title. */
export const SCENARIO_ANNOTATION = "scenario";
/** Of a skipped one: "not-applicable" or "not-run". */
export const OUTCOME_ANNOTATION = "outcome";
/** A figure. */
export const NOTE_ANNOTATION = "note";
