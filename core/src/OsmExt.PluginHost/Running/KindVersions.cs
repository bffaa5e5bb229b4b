using System.Text.Json.Nodes;
using OsmExt.PluginHost.Loading;
using OsmExt.PluginHost.Manifests;
using OsmExt.PluginHost.Schemas;
using OsmExt.PluginHost.Templates;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Plugins;
using OsmExt.Yaml;
using Scriban.Runtime;

namespace OsmExt.PluginHost.Running;

/// <summary>
/// Brings a plugin's objects into the version it works with, and back again to see what was lost. Each object is converted once: it
/// is never changed, only replaced by another.
/// </summary>
internal sealed class KindVersions(LoadedPlugin plugin, TimeProvider time)
{
    private static readonly TemplateLimits Limits = new();
    private readonly Admission _admission = new(plugin, time);

    /// <summary>Whether objects were read by other schemas than these.</summary>
    public bool ReadByOthers { get; init; }

    /// <summary>The same with all objects in the first version of their kind; those that cannot be converted, or that a rule refuses, are not among them.</summary>
    public PluginInput InFirst(PluginInput input, Action<PluginResource, IReadOnlyList<Diagnostic>> report)
    {
        var resources = new List<PluginResource>();
        foreach (var resource in input.Resources)
        {
            var converted = ReadByOthers ? Checked(InFirst(resource)) : InFirst(resource);
            var refused = converted.Resource is { } first ? _admission.Review(resource, first) : [];
            if (converted.Resource is { } usable && refused.Count == 0)
            {
                resources.Add(usable);
            }

            if (converted.Findings.Count + refused.Count > 0)
            {
                report(resource, [.. converted.Findings, .. refused]);
            }
        }

        return input with { Resources = resources.ToEquatableArray() };
    }

    /// <summary>An object in the first version of its kind, and what is wrong with that.</summary>
    public ConvertedResource InFirst(PluginResource resource)
    {
        var kind = plugin.Manifest.KindOf(resource)!;
        if (!kind.Versions.Contains(resource.Version, StringComparer.Ordinal))
        {
            return Refused(resource, $"Plugin {plugin.Id} knows no version {YamlScalar.Quote(resource.Version)} of {kind.Kind}", $"Write it in version {string.Join(" or ", kind.Versions)}");
        }

        if (kind.Conversions.FirstOrDefault(other => string.Equals(other.Version, resource.Version, StringComparison.Ordinal)) is not { } conversion)
        {
            return new(resource with { Version = kind.Versions[0] }, []);
        }

        if (plugin.Converted.TryGetValue(resource, out var known))
        {
            return known;
        }

        var converted = Convert(resource, kind, conversion);
        if (converted.Resource is not null)
        {
            // What failed may succeed the next time, where code is to blame.
            plugin.Converted.AddOrUpdate(resource, converted);
        }

        return converted;
    }

    /// <summary>A spec in another version, checked and with its defaults; or why there is none.</summary>
    public (ConfigValue? Spec, string? Failure) Convert(PluginKind kind, KindConversion conversion, ConfigValue spec, bool toFirst)
    {
        var (from, to) = toFirst ? (conversion.Version, kind.Versions[0]) : (kind.Versions[0], conversion.Version);
        try
        {
            var made = conversion.ToFirst.Length > 0
                ? Rendered(toFirst ? conversion.ToFirst : conversion.FromFirst, kind, kind.SchemaOf(from), spec)
                : Answered(new(kind.Kind, from, spec), to);
            var (value, problems) = new SpecCheck(kind.SchemaOf(to)).Of(made);
            return problems is [var problem, ..] ? (null, $"what is made of it is no {kind.Kind} of version {to}: {(problem.Path.Length > 0 ? $"{problem.Path}: " : "")}{problem.Message}") : (value, null);
        }
        catch (TemplateFailure failure)
        {
            return (null, failure.Line > 0 ? $"{(toFirst ? conversion.ToFirst : conversion.FromFirst)}:{failure.Line}: {failure.Message}" : failure.Message);
        }
    }

    private ConvertedResource Convert(PluginResource resource, PluginKind kind, KindConversion conversion)
    {
        var first = kind.Versions[0];
        var (spec, failure) = Convert(kind, conversion, resource.Spec, toFirst: true);
        if (spec is null)
        {
            return Refused(resource, $"Plugin {plugin.Id} cannot convert it from version {conversion.Version} to {first}: {failure}", $"Write it in version {first}, or mend the plugin");
        }

        var converted = resource with { Version = first, Spec = spec };
        var (back, reason) = Convert(kind, conversion, spec, toFirst: false);
        var lost = back is null ? [] : LostFields.Of(resource.Spec, back);
        return new(converted, back is null
            ? [Lossy($"Plugin {plugin.Id} cannot tell whether all of it survives being converted to version {first}: {reason}", "")]
            : lost.Count > 0 ? [Lossy($"On the way from version {conversion.Version} to {first} this is lost: {string.Join(", ", lost.Select(path => $"spec.{path}"))}", $"spec.{lost[0]}")] : []);

        Diagnostic Lossy(string message, string field) => new(DiagnosticCodes.LostInConversion, Severity.Warning, resource.Key, field, message, $"Write the object in version {first}");
    }

    private ConvertedResource Checked(ConvertedResource converted)
    {
        if (converted.Resource is not { } resource)
        {
            return converted;
        }

        var kind = plugin.Manifest.KindOf(resource)!;
        var (spec, problems) = new SpecCheck(kind.Schema).Of(JsonNode.Parse(resource.Spec.ToString()));
        return problems is [var problem, ..]
            ? Refused(resource, $"Version {plugin.Manifest.Version} of plugin {plugin.Id} cannot use it: {(problem.Path.Length > 0 ? $"spec.{problem.Path}: " : "")}{problem.Message}", "Change the object, or mend the plugin")
            : converted with { Resource = resource with { Spec = spec } };
    }

    private static ConvertedResource Refused(PluginResource resource, string message, string advice)
        => new(null, [new(DiagnosticCodes.NotConverted, Severity.Error, resource.Key, "apiVersion", message, advice)]);

    private JsonNode? Rendered(string path, PluginKind kind, ConfigSchema schema, ConfigValue spec)
    {
        var model = new ScriptObject
        {
            ["plugin"] = TemplateModel.Plugin(plugin.Manifest), ["kind"] = kind.Kind, ["spec"] = TemplateJson.ReadOnly(spec.Root, schema),
        };
        model.IsReadOnly = true;
        var rendered = plugin.Templates[path].Render(model, Limits, time);
        var (documents, problems) = YamlText.Read(rendered.Text);
        return problems is [var problem, ..] ? throw new TemplateFailure(problem.Message, rendered.TemplateLineOf(problem.Position.Line))
            : documents is [var only] ? YamlJson.Of(only.Root) : new JsonObject();
    }

    private JsonNode? Answered(VersionedSpec from, string to)
    {
        if (plugin.Breaker.Reason is { } rest)
        {
            throw new TemplateFailure(rest, 0);
        }

        var start = time.GetTimestamp();
        var call = GuardedCall.Run(_ => ((IKindConversion)plugin.Code!.Plugin!).Convert(from, to), time);
        plugin.Usage.Called(call.Failure is not null, time.GetElapsedTime(start), call.Allocated);
        if (call.Hung)
        {
            plugin.Breaker.Failed(hung: true);
        }

        return call.Failure is { } failure ? throw new TemplateFailure(failure, 0) : JsonNode.Parse(call.Output!.ToString());
    }
}

/// <summary>An object in the version that its plugin works with.</summary>
/// <param name="Resource">The object; null when it cannot be converted.</param>
/// <param name="Findings">What is wrong with that.</param>
internal sealed record ConvertedResource(PluginResource? Resource, IReadOnlyList<Diagnostic> Findings);
