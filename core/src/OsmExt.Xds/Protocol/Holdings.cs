using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using OsmExt.Envoy;

namespace OsmExt.Xds.Protocol;

/// <summary>What the client of a subscription has, as far as we know: sent, and of that, acknowledged.</summary>
/// <param name="summed">Keep <see cref="Version"/>; only the state-of-the-world variant needs it.</param>
internal sealed class Holdings(bool summed)
{
    private readonly Dictionary<string, Held> _byName = new(StringComparer.Ordinal);
    private UInt128 _sum;

    public IReadOnlyCollection<string> Names => _byName.Keys;

    /// <summary>
    /// A hash of the set of names and versions sent. It does not depend on the order in which they were sent, nor on the
    /// control plane that sent them, and follows a change at the price of that change.
    /// </summary>
    public string Version => _sum.ToString("x32", CultureInfo.InvariantCulture);

    public bool Contains(string name) => _byName.ContainsKey(name);

    public XdsResource? Sent(string name) => _byName.GetValueOrDefault(name).Sent;

    public string? SentVersion(string name) => _byName.TryGetValue(name, out var held) ? held.Sent?.Version ?? held.Kept : null;

    /// <summary>The client may have a version that it got on another stream, and nothing was acknowledged on this one.</summary>
    public bool IsUnknown(string name) => _byName.TryGetValue(name, out var held) && held is { Acked: null, Kept: not null };

    public XdsResource? Acked(string name) => _byName.GetValueOrDefault(name).Acked;

    public void SetSent(XdsResource resource)
    {
        ref var held = ref CollectionsMarshal.GetValueRefOrAddDefault(_byName, resource.Name, out _);
        Account(held.Sent, resource);
        held = held with { Sent = resource };
    }

    /// <summary>The client took it, unless something else was sent or it was dropped in the meantime.</summary>
    public void Acknowledge(XdsResource resource)
    {
        ref var held = ref CollectionsMarshal.GetValueRefOrNullRef(_byName, resource.Name);
        if (!Unsafe.IsNullRef(ref held) && ReferenceEquals(held.Sent, resource))
        {
            held = held with { Acked = resource, Kept = null };
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
        Account(held.Sent, held.Acked);
        held = held with { Sent = held.Acked };
    }

    /// <summary>The client came to this stream with a version that is not the present one.</summary>
    public void SetKept(string name, string version) => _byName[name] = new(null, null, version);

    public bool Remove(string name)
    {
        if (!_byName.Remove(name, out var held))
        {
            return false;
        }

        Account(held.Sent, null);
        return true;
    }

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
