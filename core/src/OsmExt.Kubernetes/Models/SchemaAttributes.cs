namespace OsmExt.Kubernetes.Models;

/// <summary>
/// Marks what narrows an access or a route. On a class: every field is such a condition, so a field the class does not have, or
/// one without a value, makes the object unusable; ignoring it would admit more than was written. On a property: the same for
/// a misspelling of that field.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Property)]
internal sealed class RestrictsAttribute : Attribute;

/// <summary>The first version of the kind that has this field; in earlier ones it is an unknown field.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SinceAttribute(string version) : Attribute
{
    public string Version => version;
}

/// <summary>The texts that the items of a list may be.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class EachOfAttribute(params string[] values) : Attribute
{
    public IReadOnlyList<string> Values => values;
}

/// <summary>A pattern that each text of a list matches.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class EachLikeAttribute(string pattern) : Attribute
{
    public string Pattern => pattern;
}

/// <summary>The range that each number of a list is in.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class EachWithinAttribute(int least, int most) : Attribute
{
    public int Least => least;

    public int Most => most;
}
