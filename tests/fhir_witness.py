"""What another program makes of a FHIR bundle: fhir.resources, with the bindings its models tell but do not enforce."""

import json

from fhir.resources.R4B import get_fhir_model_class

# fhir.resources lists the first statuses and a "+". Source: FHIR R4, ObservationStatus and DiagnosticReportStatus.
MORE = {"status": ("cancelled", "amended", "appended")}


def validate(bundle):
    """By fhir.resources: the bundle and each of its resources, their codes and the kinds of what they refer to.

    Nothing is lost or changed on the way through its models.
    """
    bound(get_fhir_model_class("Bundle").model_validate(bundle))
    for entry in bundle["entry"]:
        kind = get_fhir_model_class(entry["resource"]["resourceType"])
        model = kind.model_validate(entry["resource"])
        assert json.loads(model.model_dump_json()) == json.loads(json.dumps(entry["resource"]))


def bound(model):
    """Codes with a required binding and references keep to what their element allows."""
    for name, field in type(model).model_fields.items():
        told, value = field.json_schema_extra or {}, getattr(model, name)
        for one in value if isinstance(value, list) else [] if value is None else [value]:
            if "enum_values" in told:
                assert one in {*told["enum_values"], *MORE.get(name, ())}, f"{name}: {one}"
            if "enum_reference_types" in told and one.type and told["enum_reference_types"] != ["Resource"]:
                assert one.type in told["enum_reference_types"], f"{name}: {one.type}"
            if hasattr(type(one), "model_fields"):
                bound(one)


def resources(bundle, kind):
    return [entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == kind]


def only(bundle, kind):
    (one,) = resources(bundle, kind)
    return one


def component(observation, code):
    (one,) = [c for c in observation["component"] if c["code"].get("coding", [{}])[0].get("code") == code]
    return one
