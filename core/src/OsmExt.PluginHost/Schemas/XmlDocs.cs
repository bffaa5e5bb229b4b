using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;

namespace OsmExt.PluginHost.Schemas;

/// <summary>What the comments in a plugin's code say, from the file that the compiler writes beside an assembly.</summary>
internal sealed partial class XmlDocs
{
    private readonly Dictionary<string, XElement> _members = new(StringComparer.Ordinal);

    /// <param name="text">The file; null when there is none. One that cannot be read says nothing.</param>
    public XmlDocs(string? text)
    {
        if (text is null)
        {
            return;
        }

        try
        {
            foreach (var member in XDocument.Parse(text).Descendants("member"))
            {
                _members.TryAdd(member.Attribute("name")?.Value ?? "", member);
            }
        }
        catch (XmlException)
        {
            // Comments are for people; without them the schema is the same.
        }
    }

    public string Of(Type type) => Text(Member('T', Name(type))?.Element("summary"));

    /// <summary>The comment on the property; else that on the record's parameter.</summary>
    public string Of(PropertyInfo property)
    {
        var type = Name(property.DeclaringType!);
        return Text(Member('P', $"{type}.{property.Name}")?.Element("summary")) is { Length: > 0 } own ? own
            : Text(Member('T', type)?.Elements("param").FirstOrDefault(param => string.Equals(param.Attribute("name")?.Value, property.Name, StringComparison.Ordinal)));
    }

    private XElement? Member(char letter, string name) => _members.GetValueOrDefault($"{letter}:{name}");

    private static string Name(Type type) => (type.FullName ?? type.Name).Replace('+', '.');

    private static string Text(XElement? element)
        => element is null ? "" : Space().Replace(string.Concat(element.DescendantNodes().Select(Word)), " ").Trim();

    // A reference is a tag without text: the last part of what it names stands for it.
    private static string Word(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { IsEmpty: true } reference => (reference.Attribute("cref") ?? reference.Attribute("name") ?? reference.Attribute("langword"))?.Value.Split('.', ':')[^1] ?? "",
        _ => "",
    };

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
