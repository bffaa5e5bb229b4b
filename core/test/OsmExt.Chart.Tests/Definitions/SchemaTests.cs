using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Schemas;

namespace OsmExt.Chart.Tests.Definitions;

/// <summary>What an API server asks of definitions, and what we ask of ours.</summary>
public class SchemaTests
{
    public static TheoryData<string> Kinds => [.. Definition.All.Select(definition => definition.ToString())];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Schemas_are_structural(string name)
        => Assert.All(Find(name).Versions, version => Assert.Empty(SchemaCheck.Of(version.At("schema.openAPIV3Schema")!.AsObject(), "schema")));

    [Theory]
    [MemberData(nameof(Kinds))]
    public void One_version_is_stored_and_all_have_a_status_of_their_own(string name)
    {
        Assert.Single(Find(name).Versions, version => (bool)version["storage"]!);
        Assert.All(Find(name).Versions, version => Assert.NotNull(version.At("subresources.status")));
        Assert.All(Find(name).Versions, version => Assert.Equal("type", (string?)version.At("schema.openAPIV3Schema.properties.status.properties.conditions.x-kubernetes-list-map-keys.0")));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Nothing_unknown_is_kept(string name)
    {
        foreach (var (path, schema) in Find(name).Versions.SelectMany(version => All(version.At("schema.openAPIV3Schema.properties.spec")!.AsObject(), "spec")))
        {
            // Headers are written as a mapping or as a list of mappings, which no structural schema can say; patches are other people's messages.
            var isFree = path.EndsWith(".matches[].headers", StringComparison.Ordinal);
            Assert.True(isFree || schema["x-kubernetes-preserve-unknown-fields"] is null, $"{name}: {path} keeps unknown fields");
            Assert.True(isFree || schema["x-kubernetes-int-or-string"] is not null || schema["type"] is not null, $"{name}: {path} has no type");
        }
    }

    // An API server estimates what a rule costs at most, by the longest lists it may stand in, and refuses definitions that could cost too much.
    [Theory]
    [MemberData(nameof(Kinds))]
    public void Lists_that_rules_stand_in_are_bounded(string name)
    {
        foreach (var version in Find(name).Versions)
        {
            Bounded(version.At("schema.openAPIV3Schema")!.AsObject(), "", 1);
        }

        void Bounded(JsonObject schema, string path, double times)
        {
            foreach (var rule in schema["x-kubernetes-validations"]?.AsArray() ?? [])
            {
                // A rule over a list costs as often as the list has items.
                var items = schema["type"]!.ToString() == "array" ? Most(schema, "maxItems") : 1;
                Assert.True(times * items <= 200_000, $"{name}: {path}: \"{rule!["rule"]}\" may be worked out {times * items} times");
            }

            foreach (var (field, child) in schema["properties"]?.AsObject() ?? [])
            {
                Bounded(child!.AsObject(), $"{path}.{field}", times);
            }

            if (schema["items"] is JsonObject item)
            {
                Bounded(item, $"{path}[]", times * Most(schema, "maxItems"));
            }

            if (schema["additionalProperties"] is JsonObject values)
            {
                Bounded(values, $"{path}.*", times * Most(schema, "maxProperties"));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_field_of_the_meshs_own_kinds_is_explained(string name)
    {
        var definition = Find(name);
        if (definition.Group.EndsWith("osmext.io", StringComparison.Ordinal) || definition.Kind is "Egress" or "IngressBackend")
        {
            return; // These are plugins', and as well explained as their schemas are.
        }

        foreach (var (path, schema) in definition.Versions.SelectMany(version => All(version.At("schema.openAPIV3Schema.properties.spec")!.AsObject(), "spec")))
        {
            Assert.True(path == "spec" || path.EndsWith("[]", StringComparison.Ordinal) || path.EndsWith(".*", StringComparison.Ordinal) || ((string?)schema["description"])?.EndsWith('.') == true,
                $"{name}: {path} is not explained");
        }
    }

    [Fact]
    public void Names_are_told_apart()
    {
        var names = Definition.All.SelectMany(definition => (definition.Spec.At("names.shortNames") as JsonArray ?? []).Select(name => (string)name!).Append(definition.Plural)).ToArray();

        // A Telemetry of OSM could be installed beside ours.
        Assert.Equal(names.Distinct(StringComparer.Ordinal).Count(), names.Length);
        Assert.All(Definition.All, definition => Assert.Contains("osm", definition.Spec.At("names.categories")!.AsArray().Select(category => (string)category!)));
    }

    private static double Most(JsonObject schema, string limit) => schema[limit] is { } most ? (long)most : double.PositiveInfinity;

    private static Definition Find(string name) => Definition.All.Single(definition => definition.ToString() == name);

    private static IEnumerable<(string Path, JsonObject Schema)> All(JsonObject schema, string path)
    {
        IEnumerable<(string, JsonObject)> children =
        [
            .. (schema["properties"]?.AsObject() ?? []).Select(field => ($"{path}.{field.Key}", field.Value!.AsObject())),
            .. schema["items"] is JsonObject item ? [($"{path}[]", item)] : Array.Empty<(string, JsonObject)>(),
            .. schema["additionalProperties"] is JsonObject values ? [($"{path}.*", values)] : Array.Empty<(string, JsonObject)>(),
        ];
        return children.SelectMany(child => All(child.Item2, child.Item1)).Prepend((path, schema));
    }
}
