using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace OsmExt.Envoy;

/// <summary>
/// Every message type this build knows, by name. A generated file costs a millisecond or two to initialise and there are 250, so a
/// look-up initialises only the files of the package it names; <see cref="All"/> and <see cref="Registry"/> initialise the rest.
/// </summary>
internal static class EnvoyTypes
{
    private static readonly FileDescriptor[] WellKnownFiles =
    [
        AnyReflection.Descriptor, DurationReflection.Descriptor, EmptyReflection.Descriptor, FieldMaskReflection.Descriptor,
        StructReflection.Descriptor, TimestampReflection.Descriptor, WrappersReflection.Descriptor,
    ];

    private static readonly ConcurrentDictionary<string, MessageDescriptor> Found = new(StringComparer.Ordinal);
    private static readonly Lazy<ILookup<string, PropertyInfo>> FilesByPackage = new(ScanFiles);
    private static readonly Lazy<FileDescriptor[]> AllFiles = new(() => [.. WellKnownFiles, .. FilesByPackage.Value.SelectMany(Load)]);
    private static readonly Lazy<MessageDescriptor[]> AllMessages = new(
        () => [.. AllFiles.Value.SelectMany(file => file.MessageTypes).SelectMany(WithNested).OrderBy(type => type.FullName, StringComparer.Ordinal)]);

    private static readonly Lazy<TypeRegistry> AllTypes = new(() => TypeRegistry.FromFiles(AllFiles.Value));

    /// <summary>Every message type, nested ones included, map entries not, in order of name.</summary>
    public static IReadOnlyList<MessageDescriptor> All => AllMessages.Value;

    /// <summary>The same for Google's own JSON reader and printer.</summary>
    public static TypeRegistry Registry => AllTypes.Value;

    /// <summary>The type with a full name such as <c>envoy.config.cluster.v3.Cluster</c>, or null.</summary>
    public static MessageDescriptor? Find(string fullName)
    {
        // Unknown names are not remembered: they come from users, in any number.
        if (!Found.TryGetValue(fullName, out var descriptor) && Locate(fullName) is { } located)
        {
            descriptor = Found.GetOrAdd(fullName, located);
        }

        return descriptor;
    }

    /// <summary>The type a type URL names, or null.</summary>
    public static MessageDescriptor? FindByTypeUrl(string typeUrl) => Find(TypeUrls.NameOf(typeUrl));

    /// <summary>The message inside, or null when its type is unknown or its bytes are not such a message.</summary>
    public static IMessage? Unpack(Any any)
    {
        // Every walk that follows packed messages recurses through here; bytes from elsewhere may pack them without end.
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            return null;
        }

        try
        {
            return FindByTypeUrl(any.TypeUrl)?.Parser.ParseFrom(any.Value);
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    private static MessageDescriptor? Locate(string fullName)
    {
        // A nested type's name has its parents' names between package and name, so the package is the longest known prefix.
        for (var end = fullName.LastIndexOf('.'); end > 0; end = fullName.LastIndexOf('.', end - 1))
        {
            var package = fullName[..end];
            var files = package == "google.protobuf" ? WellKnownFiles : FilesByPackage.Value[Squeeze(package)].Select(Load);
            if (files.SelectMany(file => file.MessageTypes).SelectMany(WithNested)
                .FirstOrDefault(type => string.Equals(type.FullName, fullName, StringComparison.Ordinal)) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    private static ILookup<string, PropertyInfo> ScanFiles()
        => typeof(global::Envoy.Config.Cluster.V3.Cluster).Assembly.GetTypes()
            .Where(type => type.Name.EndsWith("Reflection", StringComparison.Ordinal))
            .OrderBy(type => type.FullName, StringComparer.Ordinal)
            .Select(type => type.GetProperty("Descriptor", BindingFlags.Public | BindingFlags.Static))
            .OfType<PropertyInfo>()
            .Where(property => property.PropertyType == typeof(FileDescriptor))
            .ToLookup(property => Squeeze(property.DeclaringType!.Namespace ?? ""), StringComparer.Ordinal);

    // Proto package and C# namespace differ only in letter case and underscores: jwt_authn.v3, JwtAuthn.V3.
    private static string Squeeze(string name) => name.Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();

    private static IEnumerable<FileDescriptor> Load(IGrouping<string, PropertyInfo> files) => files.Select(Load);

    private static FileDescriptor Load(PropertyInfo file) => (FileDescriptor)file.GetValue(null)!;

    private static IEnumerable<MessageDescriptor> WithNested(MessageDescriptor type)
        => type.NestedTypes.Where(nested => !nested.IsMapEntry).SelectMany(WithNested).Prepend(type);
}
