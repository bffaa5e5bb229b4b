using System.Collections.Immutable;
using System.Security.Cryptography;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace OsmExt.Envoy;

/// <summary>
/// One discovery resource, serialized once. Its version is a hash of its deterministic bytes, so every control plane that
/// generates the same content, before or after a restart, gives it the same version.
/// </summary>
internal sealed class XdsResource : IEquatable<XdsResource>
{
    private const int VersionBytes = 12;

    // The entry of a delta response holds that of a state-of-the-world response, and that holds the message.
    private readonly byte[] _bytes;
    private readonly int _anyAt;
    private readonly int _anyLength;
    private readonly int _valueLength;
    private readonly MessageDescriptor _type;
    private IMessage? _message;

    private XdsResource(IMessage message, string name, string version, byte[] value, ImmutableArray<string> origins)
    {
        _message = message;
        _type = message.Descriptor;
        Name = name;
        Version = version;
        Origins = origins;
        TypeUrl = TypeUrls.Of(_type);
        EndpointsOfCluster = ClusterEndpoints.NameOf(message);
        _valueLength = value.Length;
        var anySize = TextSize(TypeUrl) + FieldSize(value.Length);
        _anyLength = FieldSize(anySize);
        var size = TextSize(Version) + _anyLength + TextSize(Name);
        _bytes = new byte[FieldSize(size)];
        _anyAt = _bytes.Length - TextSize(Name) - _anyLength;
        Encode(value, size, anySize);
    }

    /// <summary>
    /// The message itself. Never change it: its bytes are already taken. Once <see cref="KeepOnlyBytes"/> was called it is made of them anew each time.
    /// </summary>
    public IMessage Message => _message ?? _type.Parser.ParseFrom(Value.Span);

    public string TypeUrl { get; }

    public string Name { get; }

    public string Version { get; }

    /// <summary>The message's deterministic bytes.</summary>
    public ReadOnlyMemory<byte> Value => _bytes.AsMemory(_anyAt + _anyLength - _valueLength, _valueLength);

    /// <summary>The objects it was made from, for example <c>TrafficSplit bookstore/bookstore-split</c>.</summary>
    public ImmutableArray<string> Origins { get; }

    /// <summary>The endpoints a client will ask for once it has this cluster; null when it is none, or has them by other means.</summary>
    public string? EndpointsOfCluster { get; }

    /// <summary>An entry of <c>DiscoveryResponse.resources</c>, tag and length included.</summary>
    public ReadOnlyMemory<byte> SotwField => _bytes.AsMemory(_anyAt, _anyLength);

    /// <summary>An entry of <c>DeltaDiscoveryResponse.resources</c>, tag and length included.</summary>
    public ReadOnlyMemory<byte> DeltaField => _bytes;

    /// <param name="message">The resource; it must not change afterwards.</param>
    /// <param name="name">Its name, as clients subscribe to it.</param>
    /// <param name="origins">The objects it was made from.</param>
    /// <param name="version">
    /// Only where content differs without meaning to, as with re-issued certificates; otherwise leave it to the hash.
    /// </param>
    public static XdsResource Create(IMessage message, string name, ImmutableArray<string> origins = default, string? version = null)
    {
        var value = Serialize(message);
        return new(message, name, version ?? Hash(value), value, origins.IsDefault ? [] : origins);
    }

    /// <summary>
    /// Lets go of the message, which takes several times as much memory as its bytes. For whoever keeps very many resources, and seldom looks into one.
    /// </summary>
    public void KeepOnlyBytes() => _message = null;

    /// <summary>Maps are written in key order, so that equal messages have equal bytes.</summary>
    public static byte[] Serialize(IMessage message)
    {
        var buffer = new byte[message.CalculateSize()];
        using var output = new CodedOutputStream(buffer) { Deterministic = true };
        message.WriteTo(output);
        output.CheckNoSpaceLeft();
        return buffer;
    }

    public static string Hash(ReadOnlySpan<byte> bytes)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, digest);
        return Convert.ToHexStringLower(digest[..VersionBytes]);
    }

    public bool Equals(XdsResource? other)
        => other is not null && (ReferenceEquals(this, other)
            || (string.Equals(Version, other.Version, StringComparison.Ordinal)
                && string.Equals(Name, other.Name, StringComparison.Ordinal)
                && string.Equals(TypeUrl, other.TypeUrl, StringComparison.Ordinal)));

    public override bool Equals(object? obj) => Equals(obj as XdsResource);

    public override int GetHashCode() => HashCode.Combine(Name, Version);

    public override string ToString() => $"{TypeUrls.ShortName(TypeUrl)} {Name}@{Version}";

    // Field numbers: Any {type_url 1, value 2}; discovery.Resource {version 1, resource 2, name 3}; "resources" is 2 in both responses.
    private void Encode(byte[] value, int size, int anySize)
    {
        using var output = new CodedOutputStream(_bytes);
        WriteHead(output, 2, size);
        WriteText(output, 1, Version);
        WriteHead(output, 2, anySize);
        WriteText(output, 1, TypeUrl);
        output.WriteTag(2, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(UnsafeByteOperations.UnsafeWrap(value));
        WriteText(output, 3, Name);
        output.CheckNoSpaceLeft();
    }

    // Tags of these fields are one byte.
    private static int FieldSize(int length) => 1 + CodedOutputStream.ComputeLengthSize(length) + length;

    private static int TextSize(string text) => 1 + CodedOutputStream.ComputeStringSize(text);

    private static void WriteHead(CodedOutputStream output, int field, int length)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteLength(length);
    }

    private static void WriteText(CodedOutputStream output, int field, string text)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteString(text);
    }
}
