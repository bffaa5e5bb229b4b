using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace OsmExt.LocalRuntime;

/// <summary>The few system calls .NET has no word for. What is Linux's says so, so that a build tells who calls it where there may be none.</summary>
internal static partial class Native
{
    public const int SigKill = 9;
    public const int SigTerm = 15;

    private const int CloneNewNet = 0x40000000;
    private const int AtCurrentDirectory = -100;
    private const uint StatxBasic = 0x7ff;

    public static bool IsRoot => OperatingSystem.IsLinux() && EffectiveUser() == 0;

    [SupportedOSPlatform("linux")]
    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint EffectiveUser();

    /// <summary>Sends a signal to a process, or to the process group of that number when negative. False when there is none.</summary>
    [UnsupportedOSPlatform("windows")]
    public static bool Kill(int pid, int signal) => KillCore(pid, signal) == 0;

    [SupportedOSPlatform("linux")]
    public static void ChangeOwner(string path, uint user)
    {
        if (ChangeOwnerCore(path, user, user) != 0)
        {
            throw new IOException($"Cannot give '{path}' to user {user}: {Marshal.GetLastPInvokeErrorMessage()}.");
        }
    }

    /// <summary>Moves the calling thread, and only it, into a network namespace.</summary>
    [SupportedOSPlatform("linux")]
    public static void EnterNetwork(SafeFileHandle ns)
    {
        if (SetNamespace(ns, CloneNewNet) != 0)
        {
            throw new IOException($"Cannot enter the network namespace: {Marshal.GetLastPInvokeErrorMessage()}.");
        }
    }

    /// <summary>The user a file belongs to; links are followed.</summary>
    [SupportedOSPlatform("linux")]
    public static uint OwnerOf(string path)
    {
        // statx has the same layout on every architecture, stat has not: the owner's number is at byte 20.
        Span<uint> buffer = stackalloc uint[64];
        if (Statx(AtCurrentDirectory, path, 0, StatxBasic, ref buffer[0]) != 0)
        {
            throw new FileNotFoundException($"Cannot look at '{path}': {Marshal.GetLastPInvokeErrorMessage()}.", path);
        }

        return buffer[5];
    }

    [UnsupportedOSPlatform("windows")]
    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int KillCore(int pid, int signal);

    [SupportedOSPlatform("linux")]
    [LibraryImport("libc", EntryPoint = "lchown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeOwnerCore(string path, uint user, uint group);

    [SupportedOSPlatform("linux")]
    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(SafeFileHandle ns, int type);

    [SupportedOSPlatform("linux")]
    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, ref uint buffer);
}
