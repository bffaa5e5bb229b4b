using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Schemas;

namespace OsmExt.Chart.Tests.Definitions;

/// <summary>A custom resource definition of the chart, as an API server uses it.</summary>
internal sealed class Definition(JsonObject document)
{
    public static IReadOnlyList<Definition> All { get; } =
        [.. Directory.EnumerateFiles(Path.Combine(Checkout.Chart, "crds")).Order(StringComparer.Ordinal).Select(file => new Definition(YamlText.Objects(File.ReadAllText(file)).Single()))];

    public JsonObject Spec { get; } = document["spec"]!.AsObject();

    public string Kind => (string)Spec.At("names.kind")!;

    public string Group => (string)Spec["group"]!;

    public string Plural => (string)Spec.At("names.plural")!;

    public IEnumerable<JsonObject> Versions => Spec["versions"]!.AsArray().Select(version => version!.AsObject());

    /// <summary>The definition that an object is of; null when it is none of ours.</summary>
    public static Definition? Of(JsonObject value)
        => All.FirstOrDefault(definition => definition.Versions.Any(version => (string?)value["apiVersion"] == $"{definition.Group}/{version["name"]}") && definition.Kind == value.Kind());

    public JsonObject Schema(string version)
        => Versions.Single(candidate => (string)candidate["name"]! == version).At("schema.openAPIV3Schema")!.AsObject();

    /// <summary>What an API server that is strict says about an object: fields it does not know, values that are not allowed, rules that are broken.</summary>
    public IReadOnlyList<string> Refusals(JsonObject value, JsonObject? before = null)
    {
        var schema = Schema(((string)value["apiVersion"]!).Split('/')[1]);
        var known = SchemaPruning.Apply(value, schema, out var unknown);
        var whole = SchemaDefaults.Apply(known, schema);
        var errors = SchemaValidation.Of(whole, schema);
        return [.. unknown.Select(field => $"unknown field \"{field}\""), .. (errors.Count > 0 ? errors : CelRules.Broken(whole, before, schema)).Select(error => error.ToString())];
    }

    public override string ToString() => $"{Plural}.{Group}";
}
