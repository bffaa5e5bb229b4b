using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Schemas;

/// <summary>Whether a CustomResourceDefinition makes a kind that can be served.</summary>
internal static class DefinitionCheck
{
    public static IReadOnlyList<FieldError> Of(JsonObject definition)
    {
        var errors = new List<FieldError>();
        var spec = definition.Object("spec") ?? [];
        var names = spec.Object("names") ?? [];
        Required(spec, "spec", "group", errors);
        Required(spec, "spec", "scope", errors);
        Required(names, "spec.names", "plural", errors);
        Required(names, "spec.names", "kind", errors);
        if (errors.Count == 0 && definition.Name() != $"{names.Text("plural")}.{spec.Text("group")}")
        {
            errors.Add(FieldError.Invalid("metadata.name", definition.Name(), "must be spec.names.plural+\".\"+spec.group"));
        }

        if (spec.Text("scope") is { } scope and not ("Namespaced" or "Cluster"))
        {
            errors.Add(FieldError.Unsupported("spec.scope", scope, ["Cluster", "Namespaced"]));
        }

        var versions = spec.Objects("versions").ToArray();
        if (versions.Length == 0)
        {
            errors.Add(FieldError.Required("spec.versions"));
        }
        else if (versions.Count(version => version.Flag("storage")) != 1)
        {
            errors.Add(FieldError.Invalid("spec.versions", new JsonArray(), "must have exactly one version marked as storage version"));
        }

        for (var index = 0; index < versions.Length; index++)
        {
            Version(versions[index], SchemaNodes.At("spec.versions", index), versions, index, errors);
        }

        Conversion(spec.Object("conversion"), errors);
        return errors;
    }

    private static void Version(JsonObject version, string path, JsonObject[] versions, int index, List<FieldError> errors)
    {
        Required(version, path, "name", errors);
        if (versions.Take(index).Any(other => other.Text("name") == version.Text("name")))
        {
            errors.Add(FieldError.Duplicate($"{path}.name", version.Text("name")));
        }

        if (version.Object("schema")?.Object("openAPIV3Schema") is { } schema)
        {
            errors.AddRange(SchemaCheck.Of(schema, $"{path}.schema.openAPIV3Schema"));
        }
        else
        {
            errors.Add(FieldError.Required($"{path}.schema.openAPIV3Schema", "schemas are required"));
        }
    }

    private static void Conversion(JsonObject? conversion, List<FieldError> errors)
    {
        switch (conversion?.Text("strategy"))
        {
            case null or "None":
                break;
            case "Webhook":
                var webhook = conversion.Object("webhook");
                if (webhook?.Object("clientConfig") is not { } client || (client.Text("url") is null) == (client.Object("service") is null))
                {
                    errors.Add(FieldError.Required("spec.conversion.webhook.clientConfig", "exactly one of url or service is required"));
                }

                if (webhook is not null && !webhook.Texts("conversionReviewVersions").Contains("v1"))
                {
                    errors.Add(FieldError.Invalid("spec.conversion.webhook.conversionReviewVersions", webhook["conversionReviewVersions"], "must include at least one of v1, v1beta1"));
                }

                break;
            case var other:
                errors.Add(FieldError.Unsupported("spec.conversion.strategy", other, ["None", "Webhook"]));
                break;
        }
    }

    private static void Required(JsonObject value, string path, string name, List<FieldError> errors)
    {
        if (value.Text(name) is not { Length: > 0 })
        {
            errors.Add(FieldError.Required($"{path}.{name}"));
        }
    }
}
