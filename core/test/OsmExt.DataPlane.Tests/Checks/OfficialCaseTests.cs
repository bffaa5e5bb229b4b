#pragma warning disable IDE0011
using OsmExt.Compiler.Translation;
using OsmExt.DataPlane.Checks;

namespace OsmExt.DataPlane.Tests.Checks;

/// <summary>
/// All that the compiler and the official plugins emit for a proxy that offers what the embedded data plane offers is accepted; and what it does
/// not get, because it does not offer it, is in a list.
/// </summary>
public class OfficialCaseTests
{
    public static TheoryData<string> Cases => [.. OfficialCases.Folders];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Everything_is_accepted(string folder)
    {
        var check = new ResourceCheck(BootstrapConfig.MaxRegexProgram);
        var refused = OfficialCases.Translate(folder, OfficialCases.Embedded)
            .SelectMany(proxy => proxy.Resources.SelectMany(resource => check.Reasons(resource.Message).Select(reason => $"{proxy.Pod} {resource}: {reason}")));

        Assert.Empty(refused);
    }

    [Fact]
    public void DumpFields()
    {
        var all = new SortedDictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        foreach (var r in OfficialCases.Folders.SelectMany(f => OfficialCases.Translate(f, OfficialCases.Embedded)).SelectMany(p => p.Resources)) Walk(r.Message);
        File.WriteAllLines("/tmp/d2fields.txt", all.Select(e => $"        (\"{e.Key}\", \"{string.Join(' ', e.Value)}\"),"));
        File.WriteAllLines("/tmp/d2left.txt", OfficialCases.Folders.Select(f => $"        [\"{f}\"] = [{string.Join(", ", OfficialCases.LeftOut(f).Select(x => $"\"{x}\""))}],"));
        void Walk(Google.Protobuf.IMessage m)
        {
            if (m is Google.Protobuf.WellKnownTypes.Any a) { if (OsmExt.Envoy.EnvoyTypes.Unpack(a) is { } c) { Walk(c); } return; }
            if (m.Descriptor.File.Package == "google.protobuf") return;
            var set = all.TryGetValue(m.Descriptor.FullName, out var s) ? s : all[m.Descriptor.FullName] = new(StringComparer.Ordinal);
            foreach (var f in m.Descriptor.Fields.InDeclarationOrder())
            {
                var v = f.Accessor.GetValue(m);
                var isSet = f.IsMap || f.IsRepeated ? ((System.Collections.ICollection)v).Count > 0 : f.HasPresence ? f.Accessor.HasValue(m) : v is string t ? t.Length > 0 : v is Google.Protobuf.ByteString b ? b.Length > 0 : !v.Equals(Activator.CreateInstance(v.GetType()));
                if (!isSet) continue;
                set.Add(f.Name);
                if (v is Google.Protobuf.IMessage i) Walk(i);
                else if (v is System.Collections.IDictionary d) foreach (var x in d.Values.OfType<Google.Protobuf.IMessage>()) Walk(x);
                else if (v is System.Collections.IList l) foreach (var x in l.OfType<Google.Protobuf.IMessage>()) Walk(x);
            }
        }
    }
}
