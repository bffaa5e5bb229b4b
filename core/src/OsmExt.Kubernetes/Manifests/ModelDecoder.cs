using System.Collections;
using OsmExt.Kubernetes.Models;
using OsmExt.Kubernetes.Views;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Plugins;
using OsmExt.Sdk.Resources;
using OsmExt.Yaml;
using YamlDotNet.RepresentationModel;

namespace OsmExt.Kubernetes.Manifests;

/// <summary>
/// Reads a YAML tree into a model class and reports every departure from it, each with its place. It never stops at the first:
/// what cannot be read is left at its default. Severity follows one rule: a wrong value is an Error where the mesh reads, a
/// Warning elsewhere; an unknown field is a Warning, except among the conditions of an access rule or a route (see
/// <see cref="RestrictsAttribute"/>), where leaving it out would admit more than was written.
/// </summary>
internal sealed class ModelDecoder(ResourceKind kind, string version, FieldReport report, Func<YamlNode, SourceLocation?> locate)
{
    private const int MaxNamesShown = 8;

    private readonly FieldPath _path = new();

    public object Read(YamlMappingNode root) => ReadObject(root, ModelShape.Of(kind.Model));

    private object? Read(YamlNode node, Type type)
    {
        if (type == typeof(object))
        {
            return null;
        }

        if (type == typeof(ConfigValue))
        {
            return new SchemaReader(_path, Report, ReportUnknown).Read(node, kind.Schema!(version));
        }

        if (ScalarReader.For(type) is { } scalar)
        {
            return ReadScalar(node, scalar);
        }

        if (type == typeof(HeaderPatterns))
        {
            return ReadHeaders(node);
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IList<>))
        {
            return node is YamlSequenceNode list ? ReadList(list, type.GenericTypeArguments[0]) : Wrong(node, "a list");
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IDictionary<,>))
        {
            return node is YamlMappingNode map ? ReadMap(map, type.GenericTypeArguments[1]) : Wrong(node, "a mapping");
        }

        return node is YamlMappingNode mapping ? ReadObject(mapping, ModelShape.Of(type)) : Wrong(node, "a mapping");
    }

    private object? ReadScalar(YamlNode node, ScalarReader scalar)
        => (node is YamlScalarNode single ? scalar.Read(single) : null) ?? Wrong(node, scalar.Expected);

    private object ReadObject(YamlMappingNode mapping, ModelShape shape)
    {
        var model = shape.Create();
        foreach (var (name, key, value) in Entries(mapping))
        {
            if (shape.Find(name) is not { } field || !field.IsIn(version))
            {
                ReportUnknown(shape, name, key);
                continue;
            }

            _path.EnterField(name);
            if (!YamlScalar.IsNull(value))
            {
                if (Read(value, field.Type) is { } result)
                {
                    field.Set(model, result);
                }
            }
            else if (shape.RefusesUnknown)
            {
                Report(DiagnosticCodes.InvalidValue, value, "This condition has no value", "Give it one, or remove the field");
            }

            _path.Leave();
        }

        return model;
    }

    private IList ReadList(YamlSequenceNode list, Type itemType)
    {
        var items = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(itemType))!;
        for (var i = 0; i < list.Children.Count; i++)
        {
            _path.EnterItem(i);
            var node = list.Children[i];
            var item = YamlScalar.IsNull(node) ? Wrong(node, NameOf(itemType)) : Read(node, itemType);

            // An item that cannot be read keeps its place, so that the indices of later reports are those of the manifest.
            items.Add(item ?? Placeholder(itemType));
            _path.Leave();
        }

        return items;
    }

    private IDictionary ReadMap(YamlMappingNode map, Type valueType)
    {
        var values = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(typeof(string), valueType))!;
        foreach (var (name, _, node) in Entries(map))
        {
            _path.EnterKey(name);
            if ((YamlScalar.IsNull(node) ? Wrong(node, NameOf(valueType)) : Read(node, valueType)) is { } value)
            {
                values[name] = value;
            }

            _path.Leave();
        }

        return values;
    }

    private HeaderPatterns? ReadHeaders(YamlNode node)
    {
        var headers = new HeaderPatterns();
        if (node is YamlMappingNode map)
        {
            AddHeaders(map, headers);
            return headers;
        }

        if (node is not YamlSequenceNode list)
        {
            Wrong(node, "a mapping or a list of mappings");
            return null;
        }

        for (var i = 0; i < list.Children.Count; i++)
        {
            _path.EnterItem(i);
            if (list.Children[i] is YamlMappingNode item)
            {
                AddHeaders(item, headers);
            }
            else
            {
                Wrong(list.Children[i], "a mapping");
            }

            _path.Leave();
        }

        return headers;
    }

    private void AddHeaders(YamlMappingNode map, HeaderPatterns headers)
    {
        foreach (var (name, key, node) in Entries(map))
        {
            _path.EnterKey(name);
            if (headers.Any(header => string.Equals(header.Key, name, StringComparison.OrdinalIgnoreCase)))
            {
                Report(DiagnosticCodes.InvalidValue, key, "This header is given twice", "Write one pattern; header names ignore letter case");
            }
            else if (ReadScalar(node, ScalarReader.Text) is string pattern)
            {
                headers.Add(new(name, pattern));
            }

            _path.Leave();
        }
    }

    private IEnumerable<(string Name, YamlNode Key, YamlNode Value)> Entries(YamlMappingNode mapping)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (key, value) in YamlEntries.Of(mapping))
        {
            var name = YamlEntries.NameOf(key);
            if (!seen.Add(name))
            {
                Report(DiagnosticCodes.InvalidValue, key, $"{YamlScalar.Quote(name)} is given twice", "Remove one of them");
            }
            else
            {
                yield return (name, key, value);
            }
        }
    }

    private void ReportUnknown(ModelShape shape, string name, YamlNode key)
    {
        var since = shape.Find(name)?.Since;
        var meant = since is null ? Suggestion.Closest(name, shape.Names(version)) : name;
        var severity = shape.RefusesUnknown || (meant is not null && shape.Find(meant)!.Restricts) ? Severity.Error : Severity.Warning;
        var (message, advice) = (since, meant) switch
        {
            ({ } first, _) => ($"{kind.Kind} has no field {YamlScalar.Quote(name)} in {version}", $"Use apiVersion {kind.ApiVersion(first)}"),
            (_, { } word) => ($"There is no field {YamlScalar.Quote(name)} here", $"Did you mean \"{word}\""),
            _ => ($"There is no field {YamlScalar.Quote(name)} here", Possible([.. shape.Names(version).Order(StringComparer.Ordinal)])),
        };
        report.Add(DiagnosticCodes.UnknownField, severity, _path.Of(name), message, advice, locate(key));
    }

    // Configuration that says something nobody understands is not used: it may have been meant to restrict.
    private void ReportUnknown(YamlNode key, string name, IEnumerable<string> known)
        => report.Add(DiagnosticCodes.UnknownField, Severity.Error, _path.Of(name), $"There is no field {YamlScalar.Quote(name)} here",
            Suggestion.Closest(name, known) is { } meant ? $"Did you mean \"{meant}\"" : Possible([.. known.Order(StringComparer.Ordinal)]), locate(key));

    private static string Possible(string[] names)
        => names.Length <= MaxNamesShown ? $"Possible fields are {string.Join(", ", names)}" : "Remove it, or correct its name";

    private object? Wrong(YamlNode node, string expected)
    {
        Report(DiagnosticCodes.InvalidValue, node, kind.HidesValues ? $"Expected {expected}" : $"Expected {expected}, found {YamlScalar.Describe(node)}",
            kind.HidesValues ? $"Write {expected}" : ScalarReader.Advice(node, expected));
        return null;
    }

    private void Report(string code, YamlNode node, string message, string advice)
    {
        var path = _path.ToString();
        report.Add(code, kind.Reads.Touches(path) ? Severity.Error : Severity.Warning, path, message, advice, locate(node));
    }

    private static string NameOf(Type type) => ScalarReader.For(type)?.Expected ?? "a mapping";

    private static object? Placeholder(Type type) => type == typeof(string) ? "" : Nullable.GetUnderlyingType(type) is null ? Activator.CreateInstance(type) : null;
}
