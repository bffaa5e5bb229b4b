using OsmExt.Sdk.Collections;

namespace OsmExt.Sdk.Plugins;

/// <summary>The type of a configuration value.</summary>
public enum ConfigType
{
    /// <summary>Text.</summary>
    String,

    /// <summary>A whole number.</summary>
    Integer,

    /// <summary>Any number.</summary>
    Number,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>A list.</summary>
    Array,

    /// <summary>A mapping.</summary>
    Object,
}

/// <summary>What a plugin's configuration may look like: the structural part of OpenAPI. Nothing that it does not name is allowed, unless it says so.</summary>
/// <param name="Type">The type.</param>
public sealed record ConfigSchema(ConfigType Type)
{
    /// <summary>For people.</summary>
    public string Description { get; init; } = "";

    /// <summary>The fields of an object.</summary>
    public EquatableArray<ConfigProperty> Properties { get; init; }

    /// <summary>For an object with any names: what their values are; null when only <see cref="Properties"/> are allowed.</summary>
    public ConfigSchema? Values { get; init; }

    /// <summary>Whether an object's other fields are passed over, for objects that are somebody else's; otherwise they are refused.</summary>
    public bool IgnoresUnknown { get; init; }

    /// <summary>What the items of a list are.</summary>
    public ConfigSchema? Items { get; init; }

    /// <summary>The texts allowed; empty for any.</summary>
    public EquatableArray<string> Enum { get; init; }

    /// <summary>A .NET pattern a text must match as a whole; empty for none.</summary>
    public string Pattern { get; init; } = "";

    /// <summary>The smallest number, length of a text, or number of items or fields; null for no limit.</summary>
    public long? Minimum { get; init; }

    /// <summary>The largest number, length of a text, or number of items or fields; null for no limit.</summary>
    public long? Maximum { get; init; }

    /// <summary>What values must keep to besides.</summary>
    public EquatableArray<ConfigRule> Rules { get; init; }

    /// <summary>What counts when the field is absent; null for nothing.</summary>
    public ConfigValue? Default { get; init; }
}

/// <summary>A field of an object.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Schema">What its value is.</param>
/// <param name="Required">Whether it must be there.</param>
public sealed record ConfigProperty(string Name, ConfigSchema Schema, bool Required);
