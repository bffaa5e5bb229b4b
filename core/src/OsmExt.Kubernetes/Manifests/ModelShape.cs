using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json.Serialization;
using OsmExt.Kubernetes.Models;

namespace OsmExt.Kubernetes.Manifests;

/// <summary>The fields of a model class, by the names they have in a manifest.</summary>
internal sealed class ModelShape
{
    private static readonly ConcurrentDictionary<Type, ModelShape> Known = new();

    private readonly Dictionary<string, ModelField> _fields;
    private readonly Func<object> _create;

    private ModelShape(Type type)
    {
        Attributes = [.. type.GetCustomAttributes()];
        _fields = type.GetProperties()
            .Select(property => (property, name: property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name))
            .Where(pair => pair.name is not null && pair.property.CanWrite)
            .ToDictionary(pair => pair.name!, pair => new ModelField(pair.property), StringComparer.Ordinal);
        _create = () => Activator.CreateInstance(type)!;
        RefusesUnknown = type.IsDefined(typeof(RestrictsAttribute));
    }

    /// <summary>Whether a field the class does not have makes the object unusable.</summary>
    public bool RefusesUnknown { get; }

    /// <summary>What is said about the class.</summary>
    public IReadOnlyList<Attribute> Attributes { get; }

    public static ModelShape Of(Type type) => Known.GetOrAdd(type, static type => new ModelShape(type));

    public object Create() => _create();

    public ModelField? Find(string name) => _fields.GetValueOrDefault(name);

    /// <summary>The names a kind of that version has.</summary>
    public IEnumerable<string> Names(string version) => Fields(version).Select(field => field.Key);

    /// <summary>The fields a kind of that version has, by name.</summary>
    public IEnumerable<KeyValuePair<string, ModelField>> Fields(string version) => _fields.Where(field => field.Value.IsIn(version));
}

/// <summary>One field of a model class.</summary>
internal sealed class ModelField(PropertyInfo property)
{
    private readonly string? _since = property.GetCustomAttribute<SinceAttribute>()?.Version;

    public Type Type => property.PropertyType;

    /// <summary>What is said about it.</summary>
    public IReadOnlyList<Attribute> Attributes { get; } = [.. property.GetCustomAttributes()];

    public bool Restricts { get; } = property.IsDefined(typeof(RestrictsAttribute));

    /// <summary>The first version that has it; null when all have.</summary>
    public string? Since => _since;

    public bool IsIn(string version) => _since is null || string.CompareOrdinal(version, _since) >= 0;

    public void Set(object model, object value) => property.SetValue(model, value);
}
