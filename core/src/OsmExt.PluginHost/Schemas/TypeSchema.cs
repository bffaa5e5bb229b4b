using System.ComponentModel;
using System.Reflection;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Plugins;

namespace OsmExt.PluginHost.Schemas;

/// <summary>
/// Makes the schema of a C# type: fields of a record with their types, what must be there, what counts otherwise, and what attributes
/// and comments say about them. What a schema cannot say is a problem, never left out.
/// </summary>
internal sealed class TypeSchema(XmlDocs docs)
{
    private readonly List<SchemaProblem> _problems = [];
    private readonly Stack<Type> _within = new();

    public IReadOnlyList<SchemaProblem> Problems => _problems;

    /// <summary>The schema of a record.</summary>
    public ConfigSchema Of(Type type) => Object(type, "") with { Description = docs.Of(type) };

    private ConfigSchema Value(Type type, string path)
    {
        if (Scalar(type) is { } scalar)
        {
            return scalar;
        }

        if (type.IsEnum)
        {
            if (type.IsDefined(typeof(FlagsAttribute)))
            {
                Report(path, $"{type.Name} is several values in one", "Use a list of its values, and remove Flags");
            }

            return new(ConfigType.String) { Enum = [.. EnumNames.Of(type).Select(word => word.Name)] };
        }

        if ((Arguments(type, typeof(IReadOnlyDictionary<,>)) ?? Arguments(type, typeof(IDictionary<,>))) is [var key, var values])
        {
            if (key != typeof(string))
            {
                Report(path, "Names of fields are texts", "Use a dictionary whose keys are texts");
            }

            return new(ConfigType.Object) { Values = Value(values, $"{path}.*") };
        }

        if (Arguments(type, typeof(IEnumerable<>)) is [var item])
        {
            if (!type.IsArray && type.Assembly != typeof(List<>).Assembly && type.Assembly != typeof(HashSet<>).Assembly)
            {
                Report(path, $"{type.Name} is no list that .NET's serializer reads", "Use IReadOnlyList or an array");
            }

            return new(ConfigType.Array) { Items = Value(Nullable.GetUnderlyingType(item) ?? item, $"{path}[]") };
        }

        if (type.Assembly == typeof(object).Assembly || type.IsInterface || type.IsAbstract)
        {
            Report(path, $"{type.Name} has no fields that could be written", "Use text, numbers, flags, enumerations, records, or lists and dictionaries of these");
            return new(ConfigType.String);
        }

        return Object(type, path);
    }

    private ConfigSchema Object(Type type, string path)
    {
        if (_within.Contains(type))
        {
            Report(path, $"{type.Name} holds itself, and a schema ends somewhere", "Limit how deep it goes with types of their own");
            return new(ConfigType.Object);
        }

        if (RecordField.Constructor(type) is not { } constructor)
        {
            Report(path, $"{type.Name} has several public constructors, or none", "Use a record, or a class with one");
            return new(ConfigType.Object);
        }

        _within.Push(type);
        var fields = RecordField.Of(type);
        var example = fields.All(field => field.Parameter is not null || field.IsRequired) ? null : Example(constructor, path);
        var properties = fields.Select(field => Property(field, example, path.Length == 0 ? field.Name : $"{path}.{field.Name}")).ToEquatableArray();
        _within.Pop();
        return Ruled(new(ConfigType.Object) { Properties = properties }, type.GetCustomAttributes<CelRuleAttribute>(), path);
    }

    private ConfigSchema Ruled(ConfigSchema schema, IEnumerable<CelRuleAttribute> attributes, string path)
    {
        EquatableArray<ConfigRule> rules = [.. attributes.Select(attribute => new ConfigRule(attribute.Rule, attribute.Message) { FieldPath = attribute.FieldPath })];
        foreach (var rule in rules)
        {
            if (SchemaRules.Problem(rule, schema) is { } problem)
            {
                Report(path, $"\"{rule.Rule}\": {problem}", "Mend the rule");
            }
        }

        return rules.IsEmpty ? schema : schema with { Rules = [.. schema.Rules, .. rules] };
    }

    private ConfigProperty Property(RecordField field, object? example, string path)
    {
        var schema = FieldLimits.Apply(field, Value(field.Type, path), (message, advice) => Report(path, message, advice));
        schema = schema with
        {
            Description = field.Attributes.OfType<DescriptionAttribute>().FirstOrDefault()?.Description
                ?? (docs.Of(field.Property) is { Length: > 0 } comment ? comment : docs.Of(field.Type)),
        };
        var fallback = field.IsRequired ? null : field.Parameter is { } parameter ? parameter.HasDefaultValue ? parameter.DefaultValue : null : example is null ? null : field.Property.GetValue(example);
        if (fallback is not null && TypeValue.Of(fallback, schema) is { } written)
        {
            schema = schema with { Default = ConfigValue.Of(written) };
            if (new SpecCheck(schema).Of(written) is { Problems: [var problem, ..] })
            {
                Report(path, $"What counts when it is absent is not allowed: {problem.Message}", "Give it another initial value, make it nullable, or make it required");
            }
        }

        return new(field.Name, Ruled(schema, field.Attributes.OfType<CelRuleAttribute>(), path), field.IsRequired);
    }

    // An instance that nobody wrote anything into tells what its properties begin with.
    private object? Example(ConstructorInfo constructor, string path)
    {
        try
        {
            return constructor.Invoke([.. constructor.GetParameters().Select(parameter => parameter.HasDefaultValue ? parameter.DefaultValue
                : parameter.ParameterType.IsValueType ? Activator.CreateInstance(parameter.ParameterType) : null)]);
        }
        catch (TargetInvocationException failure)
        {
            Report(path, $"What {constructor.DeclaringType!.Name} begins with cannot be found out: {failure.InnerException!.Message.TrimEnd('.')}", "Let its constructor only keep what it is given");
            return null;
        }
    }

    // Nothing that does not fit into the type passes: reading it would fail in the plugin's code.
    private static ConfigSchema? Scalar(Type type) => Type.GetTypeCode(type.IsEnum ? null : type) switch
    {
        TypeCode.String => new(ConfigType.String),
        TypeCode.Boolean => new(ConfigType.Boolean),
        TypeCode.Byte => Whole(byte.MinValue, byte.MaxValue),
        TypeCode.SByte => Whole(sbyte.MinValue, sbyte.MaxValue),
        TypeCode.Int16 => Whole(short.MinValue, short.MaxValue),
        TypeCode.UInt16 => Whole(ushort.MinValue, ushort.MaxValue),
        TypeCode.Int32 => Whole(int.MinValue, int.MaxValue),
        TypeCode.UInt32 => Whole(uint.MinValue, uint.MaxValue),
        TypeCode.Int64 => new(ConfigType.Integer),
        TypeCode.Single or TypeCode.Double or TypeCode.Decimal => new(ConfigType.Number),
        _ => null,
    };

    private static ConfigSchema Whole(long least, long most) => new(ConfigType.Integer) { Minimum = least, Maximum = most };

    private static Type[]? Arguments(Type type, Type contract)
        => new[] { type }.Concat(type.GetInterfaces()).FirstOrDefault(candidate => candidate.IsGenericType && candidate.GetGenericTypeDefinition() == contract)?.GetGenericArguments();

    private void Report(string path, string message, string advice) => _problems.Add(new(path, message, advice));
}

/// <summary>What is wrong at a place.</summary>
internal sealed record SchemaProblem(string Path, string Message, string Advice);
