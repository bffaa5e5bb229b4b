using System.Reflection;
using System.Text;
using System.Xml.Linq;
using OsmExt.Sdk.Plugins;

namespace OsmExt.Testing.Tests.Reference;

/// <summary>The page about OsmExt.Sdk.Plugins, from the documentation in its code.</summary>
internal static class PluginReference
{
    private static readonly NullabilityInfoContext Nullability = new();

    public static string Page()
    {
        var docs = new XmlDocs(typeof(IPlugin).Assembly);
        var page = new StringBuilder("""
            # Plugin reference

            Every type of `OsmExt.Sdk.Plugins`, from the documentation in the code; a test keeps this page equal to it. [plugins.md](plugins.md) says how they are used. In `plugin.yaml` words of enumerations
            are written in lower case with dashes (`http-filter`).

            """);
        foreach (var type in typeof(IPlugin).Assembly.GetExportedTypes().Where(type => type.Namespace == typeof(IPlugin).Namespace).OrderBy(type => type.Name, StringComparer.Ordinal))
        {
            page.Append($"\n## {type.Name}\n\n{(type.IsEnum ? "Enumeration" : type.IsInterface ? "Interface" : "Class")}. {docs.Summary($"T:{type.FullName}")}\n");
            var rows = (type.IsEnum ? Values(type, docs) : Members(type, docs)).ToArray();
            if (rows.Length > 0)
            {
                page.Append(type.IsEnum ? "\n| value | meaning |\n| --- | --- |\n" : "\n| member | type | meaning |\n| --- | --- | --- |\n").AppendJoin('\n', rows).Append('\n');
            }
        }

        return page.ToString();
    }

    private static IEnumerable<string> Values(Type type, XmlDocs docs) => Enum.GetNames(type).Select(name => $"| `{name}` | {docs.Summary($"F:{type.FullName}.{name}")} |");

    // Documented properties in the order of the code, then what is documented of methods; what the compiler makes for records is not.
    private static IEnumerable<string> Members(Type type, XmlDocs docs)
    {
        const BindingFlags Own = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        foreach (var property in type.GetProperties(Own))
        {
            var meaning = docs.Summary($"P:{type.FullName}.{property.Name}");
            meaning = meaning.Length > 0 ? meaning : docs.Parameter($"T:{type.FullName}", property.Name);
            if (meaning.Length > 0)
            {
                yield return $"| `{property.Name}` | `{Name(Nullability.Create(property))}` | {meaning} |";
            }
        }

        foreach (var method in type.GetMethods(Own).Where(method => !method.IsSpecialName))
        {
            if (docs.Method(method) is { Length: > 0 } meaning)
            {
                var parameters = string.Join(", ", method.GetParameters().Select(parameter => $"{(parameter.IsOut ? "out " : "")}{Name(Nullability.Create(parameter))} {parameter.Name}"));
                yield return $"| `{method.Name}{(method.IsGenericMethod ? "<T>" : "")}({parameters})` | `{Name(Nullability.Create(method.ReturnParameter))}` | {meaning} |";
            }
        }
    }

    private static string Name(NullabilityInfo info)
    {
        var type = info.Type.IsByRef ? info.Type.GetElementType()! : info.Type;
        if (Nullable.GetUnderlyingType(type) is { } value)
        {
            return $"{Word(value)}?";
        }

        var arguments = info.GenericTypeArguments.Length == 0 ? "" : $"<{string.Join(", ", info.GenericTypeArguments.Select(Name))}>";
        return $"{Word(type)}{arguments}{(info.ReadState == NullabilityState.Nullable && !type.IsValueType ? "?" : "")}";
    }

    private static string Word(Type type) => type.Name.Split('`')[0] switch
    {
        "String" => "string", "Boolean" => "bool", "Int32" => "int", "Int64" => "long", "Void" => "void", "Object" => "object", var name => name,
    };

    /// <summary>What the compiler writes beside an assembly.</summary>
    private sealed class XmlDocs(Assembly assembly)
    {
        private readonly Dictionary<string, XElement> _members = XDocument.Load(Path.ChangeExtension(assembly.Location, "xml")).Descendants("member")
            .ToDictionary(member => member.Attribute("name")!.Value, StringComparer.Ordinal);

        public string Summary(string id) => Text(_members.GetValueOrDefault(id)?.Element("summary"));

        public string Parameter(string id, string name)
            => Text(_members.GetValueOrDefault(id)?.Elements("param").FirstOrDefault(element => element.Attribute("name")?.Value == name));

        public string Method(MethodInfo method)
        {
            var prefix = $"M:{method.DeclaringType!.FullName}.{method.Name}";
            var all = _members.Where(member => member.Key == prefix || member.Key.StartsWith($"{prefix}(", StringComparison.Ordinal) || member.Key.StartsWith($"{prefix}`", StringComparison.Ordinal));
            return Text(all.FirstOrDefault(member => method.GetParameters().All(parameter =>
                parameter.ParameterType.FullName is not { } name || member.Key.Contains(name.TrimEnd('&'), StringComparison.Ordinal))).Value?.Element("summary"));
        }

        // Code is code, references are names, and lines are one line, as tables need it.
        private static string Text(XElement? element) => element is null ? "" : string.Join(' ', string.Concat(element.Nodes().Select(node => node switch
        {
            XElement { Name.LocalName: "see" } see when see.Attribute("cref")?.Value is { } target => $"`{Short(target)}`",
            XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
            XElement other => other.Attribute("name")?.Value ?? other.Value,
            XText text => text.Value,
            _ => "",
        })).Split([' ', '\n', '\r', '\t'], StringSplitOptions.RemoveEmptyEntries)).Replace("|", "\\|", StringComparison.Ordinal);

        private static string Short(string target) => target.Split('(')[0] is var name && target.StartsWith("T:", StringComparison.Ordinal)
            ? name[(name.LastIndexOf('.') + 1)..] : string.Join('.', name.Split('.')[^2..]);
    }
}
