using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using OsmExt.Envoy;

namespace OsmExt.Xds.Protocol;

/// <summary>
/// What the client of a subscription has, as far as we know: sent, and of that, acknowledged. There are as many entries as all streams together have
/// resources, and of nearly all the client has what it was sent: these are the resource and nothing else.
/// </summary>
/// <param name="summed">Keep <see cref="Version"/>; only the state-of-the-world variant needs it.</param>
internal sealed class Holdings(bool summed)
{
    // An XdsResource that was sent and acknowledged, or Held.
    private readonly Dictionary<string, object> _byName = new(StringComparer.Ordinal);
    private UInt128 _sum;

    public IReadOnlyCollection<string> Names => _byName.Keys;

    /// <summary>
    /// A hash of the set of names and versions sent. It does not depend on the order in which they were sent, nor on the
    /// control plane that sent them, and follows a change at the price of that change.
    /// </summary>
    public string Version => _sum.ToString("x32", CultureInfo.InvariantCulture);

    public bool Contains(string name) => _byName.ContainsKey(name);

    public XdsResource? Sent(string name) => Of(name).Sent;

    public string? SentVersion(string name)
    {
        var held = Of(name);
        return held.Sent?.Version ?? held.Kept;
    }

    /// <summary>The client may have a version that it got on another stream, and nothing was acknowledged on this one.</summary>
    public bool IsUnknown(string name) => Of(name) is { Acked: null, Kept: not null };

    public XdsResource? Acked(string name) => Of(name).Acked;

    /// <summary>These are about to be sent: what grows one by one takes up to twice as much as it needs.</summary>
    public void MakeRoom(IReadOnlyCollection<XdsResource> resources)
    {
        var more = resources.Count > 1 ? resources.Count(resource => !Contains(resource.Name)) : 0;
        if (more > 1)
        {
            _byName.EnsureCapacity(_byName.Count + more);
        }
    }

    public void SetSent(XdsResource resource)
    {
        ref var held = ref CollectionsMarshal.GetValueRefOrAddDefault(_byName, resource.Name, out _);
        var known = Of(held);
        Account(known.Sent, resource);
        held = ReferenceEquals(known.Acked, resource) && known.Kept is null ? resource : (object)new Held(resource, known.Acked, known.Kept);
    }

    /// <summary>The client took it, unless something else was sent or it was dropped in the meantime.</summary>
    public void Acknowledge(XdsResource resource)
    {
        ref var held = ref CollectionsMarshal.GetValueRefOrNullRef(_byName, resource.Name);
        if (!Unsafe.IsNullRef(ref held) && ReferenceEquals(Of(held).Sent, resource))
        {
            held = resource;
        }
    }

    /// <summary>The client refused what was sent last; it has what it acknowledged before.</summary>
    public void Revert(string name)
    {
        ref var held = ref CollectionsMarshal.GetValueRefOrNullRef(_byName, name);
        if (Unsafe.IsNullRef(ref held))
        {
            return;
        }

        // Clients take apart what they refuse: it may have this resource after all, and has to be told when it is gone.
        var known = Of(held);
        Account(known.Sent, known.Acked);
        held = known is { Acked: { } acked, Kept: null } ? acked : (object)new Held(known.Acked, known.Acked, known.Kept);
    }

    /// <summary>The client came to this stream with a version that is not the present one.</summary>
    public void SetKept(string name, string version) => _byName[name] = new Held(null, null, version);

    public bool Remove(string name)
    {
        if (!_byName.Remove(name, out var held))
        {
            return false;
        }

        Account(Of(held).Sent, null);
        return true;
    }

    private static Held Of(object? held) => held switch
    {
        XdsResource resource => new(resource, resource, null),
        Held other => other,
        _ => default,
    };

    private Held Of(string name) => Of(_byName.GetValueOrDefault(name));

    private static UInt128 Fingerprint(XdsResource resource)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{resource.Name}\0{resource.Version}"), digest);
        return BinaryPrimitives.ReadUInt128LittleEndian(digest);
    }

    private void Account(XdsResource? before, XdsResource? after)
    {
        if (!summed || ReferenceEquals(before, after))
        {
            return;
        }

        unchecked
        {
            _sum -= before is null ? 0 : Fingerprint(before);
            _sum += after is null ? 0 : Fingerprint(after);
        }
    }

    // With all of them null the client may have a version that is not known here.
    private readonly record struct Held(XdsResource? Sent, XdsResource? Acked, string? Kept);
}
