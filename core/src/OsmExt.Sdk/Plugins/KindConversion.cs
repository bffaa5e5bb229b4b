namespace OsmExt.Sdk.Plugins;

/// <summary>A version of a kind that has other fields than the first, and the ways between the two.</summary>
/// <param name="Version">The version.</param>
/// <param name="Schema">What a <c>spec</c> may look like in it.</param>
public sealed record KindConversion(string Version, ConfigSchema Schema)
{
    /// <summary>The C# type that <see cref="Schema"/> was made of, by its full name; empty when a file says it.</summary>
    public string Type { get; init; } = "";

    /// <summary>The template that makes the kind's first version of this one; empty where the plugin's code does.</summary>
    public string ToFirst { get; init; } = "";

    /// <summary>The template that makes this version of the kind's first; empty where the plugin's code does.</summary>
    public string FromFirst { get; init; } = "";
}

/// <summary>
/// Converts objects between versions of a kind, for kinds whose manifest names no templates for it. The class that implements
/// <see cref="IPlugin"/> implements it too. It is a function of what it is given, as that is.
/// </summary>
public interface IKindConversion
{
    /// <summary>The <c>spec</c> in another version; one of the two is the kind's first.</summary>
    /// <param name="from">What it is in now.</param>
    /// <param name="version">The version asked for.</param>
    ConfigValue Convert(VersionedSpec from, string version);
}

/// <summary>The <c>spec</c> of an object in a version of its kind.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Version">The version it is in.</param>
/// <param name="Spec">Without <c>targetRef</c>, which is the same in all versions; checked, with that version's defaults.</param>
public sealed record VersionedSpec(string Kind, string Version, ConfigValue Spec);
