using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OsmExt.PluginHost.Schemas;

/// <summary>A field of a record that configuration is read into, as .NET's serializer finds it: a parameter of the constructor, or a property that can be set.</summary>
/// <param name="Name">Its name in configuration.</param>
/// <param name="Property">The property.</param>
/// <param name="Parameter">The parameter of that name; null for none.</param>
internal sealed record RecordField(string Name, PropertyInfo Property, ParameterInfo? Parameter)
{
    /// <summary>The fields, in the order they are written.</summary>
    public static IReadOnlyList<RecordField> Of(Type type)
    {
        var parameters = Constructor(type)?.GetParameters() ?? [];
        return [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.GetIndexParameters().Length == 0 && property.GetCustomAttribute<JsonIgnoreAttribute>() is null)
            .Select(property => new RecordField(
                property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name ?? JsonNamingPolicy.CamelCase.ConvertName(property.Name), property,
                parameters.FirstOrDefault(parameter => string.Equals(parameter.Name, property.Name, StringComparison.OrdinalIgnoreCase))))
            // What is only computed is nobody's to write.
            .Where(field => field.Parameter is not null || field.Property.SetMethod is { IsPublic: true })];
    }

    /// <summary>The constructor that configuration is read with; null when it has several.</summary>
    public static ConstructorInfo? Constructor(Type type)
        => type.GetConstructor([]) ?? (type.GetConstructors() is [var only] ? only : null);

    /// <summary>The value's type, whether or not it may be absent.</summary>
    public Type Type => Nullable.GetUnderlyingType(Property.PropertyType) ?? Property.PropertyType;

    /// <summary>Whether nothing is a value too.</summary>
    public bool IsNullable => Nullable.GetUnderlyingType(Property.PropertyType) is not null || (!Property.PropertyType.IsValueType && !IsDeclaredNotNull());

    /// <summary>Whether it must be written: there is nothing it could be without.</summary>
    public bool IsRequired => Property.IsDefined(typeof(System.Runtime.CompilerServices.RequiredMemberAttribute))
        || Attributes.OfType<System.ComponentModel.DataAnnotations.RequiredAttribute>().Any()
        || (Parameter is { HasDefaultValue: false } && !IsNullable);

    /// <summary>Of the parameter and of the property.</summary>
    public IEnumerable<Attribute> Attributes => (Parameter?.GetCustomAttributes() ?? []).Concat(Property.GetCustomAttributes());

    // The context remembers, and is not made for several threads; it is thrown away with what it has seen.
    private bool IsDeclaredNotNull() => new NullabilityInfoContext().Create(Property).WriteState == NullabilityState.NotNull
        || (Property.SetMethod is null && new NullabilityInfoContext().Create(Property).ReadState == NullabilityState.NotNull);
}
